"""Settings of documents, from variables that begin with `DOCUMENTS_`."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from common.settings import CommonSettings
from documents.formats.limits import Limits


class Settings(CommonSettings):
    service: ClassVar[str] = "documents"
    model_config = SettingsConfigDict(env_prefix="DOCUMENTS_", extra="ignore", frozen=True)

    store_path: Path = Field(default=Path("files"), description="folder of the object store")
    max_file_bytes: int = Field(default=2 * 1024**3, ge=1, description="whatever a ticket allows")
    upload_idle_s: float = Field(default=30.0, gt=0, description="longest pause inside an upload")
    upload_timeout_s: float = Field(default=3600.0, gt=0, description="longest upload")
    orphans_after_s: float = Field(default=86_400.0, gt=0, description="age of objects without a row")

    zip_max_entries: int = Field(default=4096, ge=1)
    zip_max_unpacked_bytes: int = Field(default=1024**3, ge=1)
    zip_max_ratio: int = Field(default=200, ge=1, description="unpacked to packed, once it is over 16 MiB")
    text_max_chars: int = Field(default=2_000_000, ge=1, description="of one file; more is not read")
    text_max_pages: int = Field(default=2000, ge=1)
    text_timeout_s: float = Field(default=60.0, gt=0, description="for reading one file's text")
    text_attempts: int = Field(default=5, ge=1, description="crashes until a file counts as unreadable")

    def limits(self) -> Limits:
        """What one file may cost."""
        return Limits(
            entries=self.zip_max_entries,
            unpacked_bytes=self.zip_max_unpacked_bytes,
            ratio=self.zip_max_ratio,
            chars=self.text_max_chars,
            pages=self.text_max_pages,
            seconds=self.text_timeout_s,
        )
