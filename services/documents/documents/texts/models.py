"""Extracted texts, one row for each file version."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant, JsonList
from documents.base import Base
from documents.formats.limits import Piece


class FileText(CityScoped, Base):
    """What a file says. `texts` and `properties` are lists of [place, text]."""

    __tablename__ = "file_texts"
    __table_args__ = (CheckConstraint("state IN ('pending', 'done', 'unreadable')", name="state"),)

    file_id: Mapped[UUID] = mapped_column(ForeignKey("files.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    fault: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(Integer)
    texts: Mapped[JsonList]
    properties: Mapped[JsonList]
    finished_at: Mapped[Instant | None]

    def text_pieces(self) -> list[Piece]:
        return [Piece(place, text) for place, text in self.texts]

    def property_pieces(self) -> list[Piece]:
        return [Piece(place, text) for place, text in self.properties]
