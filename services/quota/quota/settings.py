"""Settings of the quota service, from `QUOTA_…`."""

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from common.settings import CommonSettings


class Settings(CommonSettings):
    """As every service's, and how often the sweeps run."""

    model_config = SettingsConfigDict(env_prefix="QUOTA_", extra="ignore", frozen=True)
    service: ClassVar[str] = "quota"

    settle_after_s: float = Field(
        default=30.0, gt=0, description="a hold still open after this long (machine time) is asked about"
    )
    settle_every_s: float = Field(default=5.0, gt=0, description="pause between two rounds of asking")
    check_every_s: float = Field(default=60.0, gt=0, description="pause between two checks of the ledger")
