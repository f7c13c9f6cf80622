"""Tables of applications: the record, its team, and the attempts to submit it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import CityScoped, Instant, Json, UuidPk
from intake.applications.states import MAIN_LINE, AttemptState, State, sql_list
from intake.base import Base


class Application(CityScoped, Base):
    """One application to one category of one call.

    `form` holds flat fact names of the application form (`@app`). `assessments` maps a stage to the id of the
    assessment relied on. `pending`: admitted in time while an owner was away, not yet completed.
    `open_attempt_id`: an attempt to submit is being decided; the row may not be edited meanwhile.
    `steps`: those that its category goes through, by the pack it was submitted under.
    `reopened`: an officer allows one submission after the close; the first `submission.received_at` stands.
    """

    __tablename__ = "applications"
    __table_args__ = (
        CheckConstraint(f"state IN ({sql_list(State)})", name="state"),
        Index("ix_applications_city_guide_state", "city", "guide", "state"),
        Index("ix_applications_unit_id", "unit_id"),
        Index("ix_applications_recommending_unit_id", "recommending_unit_id"),
    )

    id: Mapped[UuidPk]
    guide: Mapped[str] = mapped_column(String(64))
    pack_version: Mapped[str | None] = mapped_column(String(64))
    category: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    title: Mapped[str] = mapped_column(String(200))
    form: Mapped[Json]
    leader_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(32), default=State.draft.value)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    created_by: Mapped[UUID | None]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    received_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    attempt_id: Mapped[UUID | None]
    open_attempt_id: Mapped[UUID | None]
    steps: Mapped[list[str]] = mapped_column(
        ARRAY(String(32)), default=lambda: list(MAIN_LINE), server_default="{" + ",".join(MAIN_LINE) + "}"
    )
    bundle_id: Mapped[UUID | None]
    assessments: Mapped[Json] = mapped_column(JSONB, default=dict)
    pending: Mapped[bool] = mapped_column(default=False)
    reopened: Mapped[bool] = mapped_column(default=False)
    reopened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reopened_reason: Mapped[str | None] = mapped_column(String(1000))
    office: Mapped[str | None] = mapped_column(String(100))
    recommending_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    recommendation_id: Mapped[UUID | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    members: Mapped[list["Member"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="Member.position"
    )

    def touch(self, now: datetime) -> None:
        """Count a change; the caller holds the row's lock."""
        self.revision += 1
        self.updated_at = now

    def rely_on(self, stage: str, assessment_id: UUID) -> None:
        """Name the assessment that a decision at this stage stands on."""
        self.assessments = {**self.assessments, stage: str(assessment_id)}

    def fail_with(self, code: str, rules: list[str], reason: str | None) -> None:
        """Record why the application went no further; rules by id, a reason in words."""
        self.failure = {"code": code, "rules": rules, "reason": reason}


class Member(CityScoped, Base):
    """A person of the team; role leader, main or other."""

    __tablename__ = "application_members"
    __table_args__ = (
        UniqueConstraint("application_id", "person_id"),
        CheckConstraint("role IN ('leader', 'main', 'other')", name="role"),
    )

    id: Mapped[UuidPk]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    position: Mapped[int] = mapped_column(Integer)


class Attempt(CityScoped, Base):
    """One attempt to submit. `received_at` is the submission's instant whatever happens later.

    The partial unique index lets an application have one open attempt; the unique key makes a retry find it.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("application_id", "idempotency_key"),
        CheckConstraint(f"state IN ({sql_list(AttemptState)})", name="state"),
        Index(
            "uq_attempts_open_application_id",
            "application_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[UuidPk]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    state: Mapped[str] = mapped_column(String(32), default=AttemptState.open.value)
    received_at: Mapped[Instant]
    idempotency_key: Mapped[str] = mapped_column(String(255))
    body_hash: Mapped[str] = mapped_column(String(64))
    application_revision: Mapped[int] = mapped_column(Integer)
    submitted_by: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[UUID | None]
    login_kind: Mapped[str | None] = mapped_column(String(32))
    filed_at: Mapped[Instant]
    pack_version: Mapped[str] = mapped_column(String(64))
    bundle_id: Mapped[UUID | None]
    manifest_sha256: Mapped[str | None] = mapped_column(String(64))
    assessment_id: Mapped[UUID | None]
    assessment: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
