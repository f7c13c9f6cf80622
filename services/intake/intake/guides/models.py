"""Tables of guides: immutable pack versions, and the one pointer per guide."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant
from intake.base import Base


class Guide(CityScoped, Base):
    """A call's guide. `current_version` is the pointer that says which pack is in force.

    `activated_version`: the version that every other service was last told to use; it follows the pointer.
    """

    __tablename__ = "guides"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    current_version: Mapped[str | None] = mapped_column(String(64))
    activated_version: Mapped[str | None] = mapped_column(String(64))
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class GuideVersion(CityScoped, Base):
    """One pack, word for word. `version` is the SHA-256 of its content; a row never changes its text."""

    __tablename__ = "guide_versions"
    __table_args__ = (CheckConstraint("state IN ('staged', 'published', 'superseded')", name="state"),)

    guide: Mapped[str] = mapped_column(ForeignKey("guides.id"), primary_key=True)
    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="staged")
    created_at: Mapped[Instant]
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
