"""Assessments: a verdict with everything it rests on. Rows are never changed."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant, Json, JsonList, UuidPk
from eligibility.base import Base


class Assessment(CityScoped, Base):
    """One assessment of one application at one stage.

    `facts` holds every fact judged: name, value, source, at, revision. `decision` is what the stage table
    made of the findings; where no step asked for the assessment, `again` in it says who did and why.
    `outcomes` are those of the findings by rule, for whoever needs no more; null in rows stored before there
    was such a column.
    """

    __tablename__ = "assessments"
    __table_args__ = (
        CheckConstraint("eligible IN ('eligible', 'not_eligible', 'pending')", name="eligible"),
        CheckConstraint(
            "stage IN ('submission', 'recommendation', 'formal_review', 'approval', 'acceptance')",
            name="stage",
        ),
        Index("ix_assessments_application_id_created_at", "application_id", "created_at"),
        Index("ix_assessments_city_guide_id", "city", "guide", "id"),
    )

    id: Mapped[UuidPk]
    application_id: Mapped[UUID]
    guide: Mapped[str] = mapped_column(String(64))
    pack_version: Mapped[str] = mapped_column(String(64))
    category: Mapped[str] = mapped_column(String(80))
    stage: Mapped[str] = mapped_column(String(32))
    as_of: Mapped[Instant]
    eligible: Mapped[str] = mapped_column(String(16))
    decision: Mapped[Json]
    facts: Mapped[JsonList]
    findings: Mapped[JsonList]
    outcomes: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    unavailable: Mapped[JsonList]
    ignored: Mapped[JsonList]
    cited_decisions: Mapped[JsonList]
    created_at: Mapped[Instant]

    @property
    def again(self) -> dict[str, str] | None:
        """Who asked for the assessment and why, where no step did."""
        found: dict[str, str] | None = self.decision.get("again")
        return found
