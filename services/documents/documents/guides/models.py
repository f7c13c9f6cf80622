"""Packs that intake has staged here."""

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant, UuidPk
from documents.base import Base


class StagedGuide(CityScoped, Base):
    """One version of one call's pack; never changed."""

    __tablename__ = "guides"
    __table_args__ = (UniqueConstraint("city", "guide", "version"),)

    id: Mapped[UuidPk]
    guide: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    staged_at: Mapped[Instant]
