"""Staged guide packs, immutable by version, and which version is current."""

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant, UuidPk
from eligibility.base import Base


class GuideVersion(CityScoped, Base):
    """One version of a guide's pack, as staged by intake. Never changed but for `published_at`."""

    __tablename__ = "guide_versions"
    __table_args__ = (UniqueConstraint("guide", "version", name="uq_guide_versions_guide_version"),)

    id: Mapped[UuidPk]
    guide: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text, deferred=True)
    staged_at: Mapped[Instant]
    published_at: Mapped[Instant | None]


class Guide(CityScoped, Base):
    """The current version of a guide: what prechecks without a version are judged by."""

    __tablename__ = "guides"

    guide: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(64))
    activated_at: Mapped[Instant]
