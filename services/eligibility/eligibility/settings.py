"""Settings of eligibility, from the environment (`ELIGIBILITY_…`)."""

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from common.settings import CommonSettings


class Settings(CommonSettings):
    service: ClassVar[str] = "eligibility"
    model_config = SettingsConfigDict(env_prefix="ELIGIBILITY_", extra="ignore", frozen=True)

    impacts_at_once: int = Field(
        default=1, ge=1, description="drafts that one process replays at the same time; more get 503"
    )
    impact_processes: int | None = Field(
        default=None, ge=1, description="processes of one such replay; None: one for each processor"
    )
    impact_max_bytes: int = Field(default=4_194_304, ge=1, description="of a draft that is replayed")
    packs_cached: int = Field(default=16, ge=1, description="compiled guide packs kept in memory")
    import_max_bytes: int = Field(
        default=5_242_880, ge=1, description="of a CSV or XLSX file of register entries"
    )
    import_max_rows: int = Field(default=5000, ge=1, description="in a CSV or XLSX file of register entries")
