"""Settings of intake, read from `INTAKE_…` variables."""

from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from common.settings import CommonSettings


class Settings(CommonSettings):
    """What intake can be told beyond what every service can."""

    service: ClassVar[str] = "intake"
    model_config = SettingsConfigDict(env_prefix="INTAKE_", extra="ignore", frozen=True)

    submit_budget_s: float = Field(
        default=2.0, gt=0, description="time that all calls of one submission share; what is late is pending"
    )
    finish_delay_s: float = Field(
        default=3.0, ge=0, description="how long after an attempt its job looks whether it was finished"
    )
    ticket_minutes: int = Field(default=15, ge=1, le=120, description="life of an upload or download ticket")
    recommendation_expiry_s: float = Field(
        default=120.0, gt=0, description="after this long a recommendation that is still opening is void"
    )
    feed_key: SecretStr | None = Field(
        default=None, description="private Ed25519 JWK (JSON, kid `feed`) that signs the feed's manifests"
    )
