"""Reading recommendations."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.clock import clock
from intake.recommendations.models import Recommendation, Tombstone
from intake.recommendations.states import RecommendationState


async def get(session: AsyncSession, recommendation_id: UUID, *, lock: bool = False) -> Recommendation | None:
    """One recommendation, locked if it is to be changed."""
    query = select(Recommendation).where(Recommendation.id == recommendation_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return await session.scalar(query)


async def by_key(session: AsyncSession, created_by: str, key: str) -> Recommendation | None:
    """What an earlier request of the same person with the same key made."""
    return await session.scalar(
        select(Recommendation).where(
            Recommendation.created_by == created_by, Recommendation.idempotency_key == key
        )
    )


async def open_of(session: AsyncSession, application_id: UUID) -> Recommendation | None:
    """The one recommendation of an application that is being decided or stands."""
    standing = (RecommendationState.opening.value, RecommendationState.recommended.value)
    return await session.scalar(
        select(Recommendation).where(
            Recommendation.application_id == application_id, Recommendation.state.in_(standing)
        )
    )


async def many(session: AsyncSession, ids: Iterable[UUID]) -> Sequence[Recommendation]:
    """These recommendations."""
    query = select(Recommendation).where(Recommendation.id.in_(list(ids)))
    return (await session.scalars(query.order_by(Recommendation.id))).all()


async def bury(session: AsyncSession, subject: UUID, city: str) -> None:
    """Write that a subject which intake does not know is void for good; repeatable."""
    await session.execute(
        insert(Tombstone).values(subject=subject, city=city, at=clock.business()).on_conflict_do_nothing()
    )
