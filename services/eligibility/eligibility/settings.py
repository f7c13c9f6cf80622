"""Settings of eligibility, from the environment (`ELIGIBILITY_…`)."""

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from common.settings import CommonSettings


class Settings(CommonSettings):
    service: ClassVar[str] = "eligibility"
    model_config = SettingsConfigDict(env_prefix="ELIGIBILITY_", extra="ignore", frozen=True)

    packs_cached: int = Field(default=16, ge=1, description="compiled guide packs kept in memory")
