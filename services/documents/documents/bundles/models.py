"""Sealed bundles."""

from uuid import UUID

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant
from documents.base import Base


class Bundle(CityScoped, Base):
    """What an application had handed in at an instant. Never changed.

    `manifest` is canonical JSON (sorted keys, no white space, UTF-8); `manifest_sha256` is of these bytes.
    """

    __tablename__ = "bundles"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(index=True)
    guide: Mapped[str] = mapped_column(String(255))
    guide_version: Mapped[str] = mapped_column(String(255))
    category: Mapped[str] = mapped_column(String(255))
    as_of: Mapped[Instant]
    manifest: Mapped[str] = mapped_column(Text)
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[Instant]
