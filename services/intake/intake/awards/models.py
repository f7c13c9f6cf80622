"""Tables of awards."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant, UuidPk
from intake.base import Base


class Award(CityScoped, Base):
    """An approved project (立项): its number and its grant in yuan, null where the guide fixes none."""

    __tablename__ = "awards"
    __table_args__ = (
        UniqueConstraint("application_id"),
        UniqueConstraint("city", "number"),
        CheckConstraint('"grant" >= 0', name="grant"),
    )

    id: Mapped[UuidPk]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    guide: Mapped[str] = mapped_column(String(64), index=True)
    category: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(64))
    grant: Mapped[int | None] = mapped_column(BigInteger)
    assessment_id: Mapped[UUID]
    approved_by: Mapped[str] = mapped_column(String(255))
    approved_at: Mapped[Instant]


class AwardCounter(CityScoped, Base):
    """The last number given out in a call."""

    __tablename__ = "award_counters"

    guide: Mapped[str] = mapped_column(String(64), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
