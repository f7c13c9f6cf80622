"""Reading what the comparison needs, in the order of ids."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Result, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from intake.applications.models import Application, Attempt
from intake.awards.models import Award
from intake.feed.models import FeedItem
from intake.guides.models import Guide, GuideVersion
from intake.recommendations.models import Recommendation


async def cities(session: AsyncSession) -> list[str]:
    return sorted(set(await session.scalars(select(Guide.city))))


async def recommendations(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Recommendation]:
    """Recommendations by id."""
    query = select(Recommendation).order_by(Recommendation.id).limit(limit)
    if after is not None:
        query = query.where(Recommendation.id > after)
    return (await session.scalars(query)).all()


async def attempts(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Attempt]:
    """Attempts by id."""
    query = select(Attempt).order_by(Attempt.id).limit(limit)
    if after is not None:
        query = query.where(Attempt.id > after)
    return (await session.scalars(query)).all()


async def applications(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Application]:
    """Applications by id."""
    query = select(Application).order_by(Application.id).limit(limit)
    if after is not None:
        query = query.where(Application.id > after)
    return (await session.scalars(query)).all()


async def assessments(session: AsyncSession, applications: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """(application, assessment) of attempts, decided recommendations and awards of these applications."""
    ids = list(applications)
    decided = Recommendation.findings.is_not(None)
    found: Result[UUID, UUID] = await session.execute(
        union(
            select(Attempt.application_id, Attempt.assessment_id).where(
                Attempt.application_id.in_(ids), Attempt.assessment_id.is_not(None)
            ),
            select(Recommendation.application_id, Recommendation.assessment_id).where(
                Recommendation.application_id.in_(ids), decided
            ),
            select(Award.application_id, Award.assessment_id).where(Award.application_id.in_(ids)),
        )
    )
    return [(row[0], row[1]) for row in found]


async def guides(session: AsyncSession) -> Sequence[Guide]:
    return (await session.scalars(select(Guide).order_by(Guide.id))).all()


async def versions(session: AsyncSession) -> list[tuple[str, str]]:
    """(guide, version) of what was ever in force; applications are pinned to nothing else."""
    found = await session.execute(
        select(GuideVersion.guide, GuideVersion.version)
        .where(GuideVersion.published_at.is_not(None))
        .order_by(GuideVersion.guide, GuideVersion.version)
    )
    return [(row.guide, row.version) for row in found]


async def awards(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Award]:
    """Awards by id."""
    query = select(Award).order_by(Award.id).limit(limit)
    if after is not None:
        query = query.where(Award.id > after)
    return (await session.scalars(query)).all()


async def newest_items(session: AsyncSession, city: str, entities: Iterable[UUID]) -> dict[UUID, FeedItem]:
    """The newest item of each of these projects that has one."""
    rows = await session.scalars(
        select(FeedItem)
        .where(FeedItem.city == city, FeedItem.entity_id.in_(list(entities)))
        .order_by(FeedItem.seq)
    )
    return {row.entity_id: row for row in rows}


async def known_awards(session: AsyncSession, ids: Iterable[UUID]) -> set[UUID]:
    return set(await session.scalars(select(Award.id).where(Award.id.in_(list(ids)))))
