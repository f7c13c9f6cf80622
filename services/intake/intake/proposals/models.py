"""Tables of proposals."""

from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import CityScoped, Instant, UuidPk
from intake.base import Base


class Proposal(CityScoped, Base):
    """A set proposed for establishment (拟立项) in one decision, with the ranking that was used."""

    __tablename__ = "proposals"

    id: Mapped[UuidPk]
    guide: Mapped[str] = mapped_column(String(64), index=True)
    note: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[Instant]

    entries: Mapped[list["ProposalEntry"]] = relationship(lazy="raise", order_by="ProposalEntry.position")


class ProposalEntry(CityScoped, Base):
    """One application of the set. `place` is its rank in its category within the set; equal sums share one.

    Scores are kept as sum and count, so that no mean is ever rounded before it is compared.
    """

    __tablename__ = "proposal_entries"
    __table_args__ = (UniqueConstraint("proposal_id", "application_id"),)

    id: Mapped[UuidPk]
    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposals.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    category: Mapped[str] = mapped_column(String(64))
    position: Mapped[int] = mapped_column(Integer)
    place: Mapped[int] = mapped_column(Integer)
    score_sum: Mapped[int] = mapped_column(Integer)
    score_count: Mapped[int] = mapped_column(Integer)
