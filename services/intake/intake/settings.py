"""Settings of intake, read from `INTAKE_…` variables."""

from typing import ClassVar, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from common.settings import CommonSettings


class Settings(CommonSettings):
    """What intake can be told beyond what every service can."""

    service: ClassVar[str] = "intake"
    model_config = SettingsConfigDict(env_prefix="INTAKE_", extra="ignore", frozen=True)

    submit_budget_s: float = Field(
        default=2.0, gt=0, description="time that all calls of one submission share; what is late is pending"
    )
    submit_at_once: int = Field(
        default=4,
        ge=1,
        description="submissions that one process decides while their applicants wait; further ones are "
        "received, answered as open and decided by their jobs",
    )
    finish_delay_s: float = Field(
        default=5.0,
        ge=0,
        description="how long after an attempt its job looks whether it was finished; longer than "
        "submit_budget_s, or the job does the work of a slow request once more",
    )
    ticket_minutes: int = Field(
        default=15,
        ge=1,
        le=120,
        description="life of a ticket that its holder shows with their own token; without, it is a minute",
    )
    recommendation_expiry_s: float = Field(
        default=120.0, gt=0, description="after this long a recommendation that is still opening is void"
    )
    feed_key: SecretStr | None = Field(
        default=None, description="private Ed25519 JWK (JSON, kid `feed`) that signs the feed's manifests"
    )
    personal_keys: list[SecretStr] | None = Field(
        default=None,
        description="JSON list of base64 keys (32 bytes) of personal identifiers: the first seals, all open; "
        "required in production",
    )
    import_max_bytes: int = Field(default=5_242_880, ge=1, description="of a CSV or XLSX file of people")
    import_max_rows: int = Field(default=5000, ge=1, description="in a CSV or XLSX file of people")

    @model_validator(mode="after")
    def _no_default_key(self) -> Self:
        if self.environment == "production" and not self.personal_keys:
            raise ValueError("personal_keys are required in production")
        return self
