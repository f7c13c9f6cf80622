"""Stored assessments."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.errors import Conflict
from eligibility.assessments import queries
from eligibility.assessments.models import Assessment


class AssessmentTaken(Conflict):
    code = "eligibility.assessment_taken"
    title_zh, title_en = "该编号的评估已用于其他申报", "An assessment with this id judges something else"


async def by_ids(session: AsyncSession, ids: Sequence[UUID]) -> Sequence[Assessment]:
    """Assessments with these ids in the block's cities, oldest first."""
    return await queries.by_ids(session, ids)


async def by_applications(session: AsyncSession, ids: Sequence[UUID]) -> Sequence[Assessment]:
    """Assessments of these applications in the block's cities, oldest first."""
    return await queries.by_applications(session, ids)


async def latest(session: AsyncSession, application_id: UUID) -> Assessment | None:
    """The newest assessment of an application in the block's cities."""
    return await queries.latest(session, application_id)
