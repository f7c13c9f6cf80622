"""Tables of reviews. A decision is a row of its own and never changed; a later one is a later row."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant, JsonList, UuidPk
from intake.applications.states import sql_list
from intake.base import Base
from intake.reviews.states import AssignmentState


class InitialReview(CityScoped, Base):
    """A recommending unit's decision on a submitted application (初审)."""

    __tablename__ = "initial_reviews"
    __table_args__ = (
        CheckConstraint("decision IN ('approved', 'returned', 'rejected')", name="decision"),
        Index("ix_initial_reviews_application_id", "application_id"),
    )

    id: Mapped[UuidPk]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    decision: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    clause: Mapped[str | None] = mapped_column(String(64))
    decided_by: Mapped[str] = mapped_column(String(255))
    decided_at: Mapped[Instant]


class Acceptance(CityScoped, Base):
    """The office took the application on (受理): which office, by which form. The latest one stands.

    `sealed`: the recommendation form (附件3) bears its seal, null where the call knows no recommendation;
    `dated` is the date on it.
    """

    __tablename__ = "office_acceptances"
    __table_args__ = (Index("ix_office_acceptances_application_id", "application_id"),)

    id: Mapped[UuidPk]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    office: Mapped[str | None] = mapped_column(String(100))
    sealed: Mapped[bool | None]
    dated: Mapped[date] = mapped_column(Date)
    accepted_by: Mapped[str] = mapped_column(String(255))
    accepted_at: Mapped[Instant]


class FormalReview(CityScoped, Base):
    """The decision of the formal review (形式审查), the assessment it stands on, the rules that failed."""

    __tablename__ = "formal_reviews"
    __table_args__ = (
        CheckConstraint("decision IN ('pass', 'fail')", name="decision"),
        Index("ix_formal_reviews_application_id", "application_id"),
    )

    id: Mapped[UuidPk]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    decision: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    rules: Mapped[JsonList]
    assessment_id: Mapped[UUID]
    decided_by: Mapped[str] = mapped_column(String(255))
    decided_at: Mapped[Instant]


class Assignment(CityScoped, Base):
    """One expert's task on one application: assigned, then scored, or given back for a conflict."""

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("application_id", "expert_id"),
        CheckConstraint(f"state IN ({sql_list(AssignmentState)})", name="state"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_range"),
        CheckConstraint("(state = 'scored') = (score IS NOT NULL)", name="score_given"),
        Index("ix_assignments_expert_id", "expert_id"),
    )

    id: Mapped[UuidPk]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    expert_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(16), default=AssignmentState.assigned.value)
    score: Mapped[int | None] = mapped_column(Integer)
    comment: Mapped[str | None] = mapped_column(Text)
    conflict_reason: Mapped[str | None] = mapped_column(Text)
    assigned_by: Mapped[str] = mapped_column(String(255))
    assigned_at: Mapped[Instant]
    scored_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    conflicted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
