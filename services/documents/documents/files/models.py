"""Stored files and their downloads."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant, Json, UuidPk
from documents.base import Base


class StoredFile(CityScoped, Base):
    """One version of one document of one application. Never changed.

    `completed_at` is business time, at which the whole content was there; `recorded_at` machine time.
    """

    __tablename__ = "files"
    __table_args__ = (
        UniqueConstraint("application_id", "material", "name", "version_no"),
        UniqueConstraint("object_key"),
        CheckConstraint("bundle IN ('blind', 'identity', 'office')", name="bundle"),
        Index("ix_files_application_id_completed_at", "application_id", "completed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID]
    guide: Mapped[str] = mapped_column(String(255))
    guide_version: Mapped[str] = mapped_column(String(255))
    category: Mapped[str] = mapped_column(String(255))
    material: Mapped[str] = mapped_column(String(255))
    bundle: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    version_no: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    content_type: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    object_key: Mapped[str] = mapped_column(String(255))
    attributes: Mapped[Json]
    uploaded_by: Mapped[str] = mapped_column(String(255))
    completed_at: Mapped[Instant]
    recorded_at: Mapped[Instant]


class Download(CityScoped, Base):
    """Who fetched which bytes of which file, when; `last_byte` is exclusive."""

    __tablename__ = "downloads"

    id: Mapped[UuidPk]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("files.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(String(255))
    caller: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(64))
    first_byte: Mapped[int] = mapped_column(BigInteger)
    last_byte: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[Instant]
    recorded_at: Mapped[Instant]


class Sealing(CityScoped, Base):
    """A file version is part of a sealed bundle, as blind, identity or office material. Never changed."""

    __tablename__ = "sealings"
    __table_args__ = (CheckConstraint("bundle IN ('blind', 'identity', 'office')", name="bundle"),)

    bundle_id: Mapped[UUID] = mapped_column(primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("files.id"), primary_key=True, index=True)
    bundle: Mapped[str] = mapped_column(String(16))
