"""Reading and keeping assessments."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from eligibility.assessments.models import Assessment


async def by_ids(session: AsyncSession, ids: Sequence[UUID]) -> Sequence[Assessment]:
    """Assessments with these ids, oldest first."""
    query = select(Assessment).where(Assessment.id.in_(ids)).order_by(Assessment.created_at, Assessment.id)
    return (await session.scalars(query)).all()


async def by_applications(session: AsyncSession, ids: Sequence[UUID]) -> Sequence[Assessment]:
    """Assessments of these applications, oldest first."""
    query = (
        select(Assessment)
        .where(Assessment.application_id.in_(ids))
        .order_by(Assessment.created_at, Assessment.id)
    )
    return (await session.scalars(query)).all()


async def latest(session: AsyncSession, application_id: UUID) -> Assessment | None:
    """The newest assessment of an application."""
    query = (
        select(Assessment)
        .where(Assessment.application_id == application_id)
        .order_by(Assessment.created_at.desc(), Assessment.id.desc())
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()


async def keep(session: AsyncSession, values: dict[str, Any]) -> Assessment | None:
    """Insert an assessment; None where its id is taken."""
    query = insert(Assessment).values(**values).on_conflict_do_nothing(index_elements=[Assessment.id])
    return (await session.scalars(query.returning(Assessment))).one_or_none()
