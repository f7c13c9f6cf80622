"""Tables of recommendations. The id of a recommendation is the subject of its hold in quota."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant, UuidPk
from intake.applications.states import sql_list
from intake.base import Base
from intake.recommendations.states import RecommendationState


class Recommendation(CityScoped, Base):
    """One try to recommend an application (推荐), and what came of it.

    `received_at` is the instant that the window is measured by. `findings` is the snapshot that the decision
    stood on, those on places as quota's answer has them; `hold` is that answer. An application has at most
    one that is opening or recommended.
    """

    __tablename__ = "recommendations"
    __table_args__ = (
        UniqueConstraint("created_by", "idempotency_key"),
        CheckConstraint(f"state IN ({sql_list(RecommendationState)})", name="state"),
        Index(
            "uq_recommendations_open_application_id",
            "application_id",
            unique=True,
            postgresql_where=text("state IN ('opening', 'recommended')"),
        ),
    )

    id: Mapped[UuidPk]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    state: Mapped[str] = mapped_column(String(16), default=RecommendationState.opening.value)
    row: Mapped[str | None] = mapped_column(String(128))
    pool_key: Mapped[str | None] = mapped_column(String(200))
    application_revision: Mapped[int] = mapped_column(Integer)
    received_at: Mapped[Instant]
    assessment_id: Mapped[UUID]
    findings: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    hold: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str | None] = mapped_column(Text)
    idempotency_key: Mapped[str | None] = mapped_column(String(255))
    created_by: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[Instant]
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Tombstone(CityScoped, Base):
    """A subject that quota asked about and intake does not know: void for good."""

    __tablename__ = "hold_tombstones"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[Instant]
