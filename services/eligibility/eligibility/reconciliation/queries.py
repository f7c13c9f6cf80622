"""Reading what the comparison needs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from eligibility.assessments.models import Assessment
from eligibility.guides.models import Guide, GuideVersion


async def assessments(session: AsyncSession, ids: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """(assessment, application) of those of the ids that are here."""
    found = await session.execute(
        select(Assessment.id, Assessment.application_id).where(Assessment.id.in_(ids)).order_by(Assessment.id)
    )
    return [(row.id, row.application_id) for row in found]


async def versions(session: AsyncSession) -> list[tuple[str, str, bool]]:
    """(guide, version, active) of every staged version."""
    pointers = await session.execute(select(Guide.guide, Guide.version))
    active = {(row.guide, row.version) for row in pointers}
    found = await session.execute(
        select(GuideVersion.guide, GuideVersion.version).order_by(GuideVersion.guide, GuideVersion.version)
    )
    return [(row.guide, row.version, (row.guide, row.version) in active) for row in found]
