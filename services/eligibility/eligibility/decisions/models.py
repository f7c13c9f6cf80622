"""Decisions that people have taken on findings. Rows are never changed; a later one on the rule counts."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant, JsonList, UuidPk
from eligibility.base import Base


class Decision(CityScoped, Base):
    """One decision: reviewer's facts, or an outcome for a rule that has no such fact."""

    __tablename__ = "decisions"
    __table_args__ = (
        CheckConstraint("outcome IN ('pass', 'fail')", name="outcome"),
        CheckConstraint("(facts IS NULL) <> (outcome IS NULL)", name="facts_or_outcome"),
        Index("ix_decisions_application_id_decided_at", "application_id", "decided_at"),
    )

    id: Mapped[UuidPk]
    application_id: Mapped[UUID]
    assessment_id: Mapped[UUID]
    rule: Mapped[str] = mapped_column(String(80))
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    outcome: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[JsonList]
    decided_by: Mapped[str] = mapped_column(String(255))
    decided_at: Mapped[Instant]
    recorded_at: Mapped[Instant]
