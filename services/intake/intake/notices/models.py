"""Tables of public notices and objections."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import CityScoped, Instant, UuidPk
from intake.base import Base


class Notice(CityScoped, Base):
    """A public notice (公示). Whether it has begun or ended is read from the business clock."""

    __tablename__ = "notices"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="period"),)

    id: Mapped[UuidPk]
    guide: Mapped[str] = mapped_column(String(64), index=True)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    where_zh: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[Instant]

    entries: Mapped[list["NoticeEntry"]] = relationship(lazy="raise", order_by="NoticeEntry.position")


class NoticeEntry(CityScoped, Base):
    """One project on a notice, as the public saw it."""

    __tablename__ = "notice_entries"
    __table_args__ = (UniqueConstraint("notice_id", "application_id"),)

    id: Mapped[UuidPk]
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(64))
    unit_name: Mapped[str] = mapped_column(String(200))
    leader_name: Mapped[str | None] = mapped_column(String(100))


class Objection(CityScoped, Base):
    """An objection (异议) to one project on a notice."""

    __tablename__ = "objections"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'upheld', 'rejected')", name="state"),
        Index("ix_objections_application_id_state", "application_id", "state"),
    )

    id: Mapped[UuidPk]
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    state: Mapped[str] = mapped_column(String(16), default="open")
    text: Mapped[str] = mapped_column(Text)
    filed_by: Mapped[str] = mapped_column(String(255))
    filed_at: Mapped[Instant]
    reason: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(String(255))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
