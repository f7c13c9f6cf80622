"""Reading and keeping decisions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from eligibility.decisions.models import Decision


async def by_id(session: AsyncSession, decision_id: UUID) -> Decision | None:
    """One decision."""
    return (await session.scalars(select(Decision).where(Decision.id == decision_id))).one_or_none()


async def by_applications(
    session: AsyncSession, ids: Sequence[UUID], until: datetime | None = None
) -> Sequence[Decision]:
    """Decisions on these applications, taken not after `until`, oldest first."""
    query = (
        select(Decision)
        .where(Decision.application_id.in_(ids))
        .order_by(Decision.decided_at, Decision.recorded_at, Decision.id)
    )
    if until is not None:
        query = query.where(Decision.decided_at <= until)
    return (await session.scalars(query)).all()


async def keep(session: AsyncSession, values: dict[str, Any]) -> Decision | None:
    """Insert a decision; None where its id is taken."""
    query = insert(Decision).values(**values).on_conflict_do_nothing(index_elements=[Decision.id])
    return (await session.scalars(query.returning(Decision))).one_or_none()
