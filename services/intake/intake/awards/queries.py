"""Reading awards, and the number of the next one."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from intake.awards.models import Award, AwardCounter


async def next_number(session: AsyncSession, city: str, guide: str) -> int:
    """The next number in a call, from 1; the counter is locked until the transaction ends."""
    query = (
        select(AwardCounter)
        .where(AwardCounter.guide == guide)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    counter = await session.scalar(query)
    if counter is None:
        await session.execute(
            insert(AwardCounter).values(guide=guide, city=city, last=0).on_conflict_do_nothing()
        )
        counter = (await session.scalars(query)).one()
    counter.last += 1
    return counter.last


async def get(session: AsyncSession, award_id: UUID) -> Award | None:
    """One award."""
    return await session.scalar(select(Award).where(Award.id == award_id))


async def of_applications(session: AsyncSession, ids: Iterable[UUID]) -> Sequence[Award]:
    """The awards of these applications."""
    query = select(Award).where(Award.application_id.in_(list(ids)))
    return (await session.scalars(query.order_by(Award.id))).all()


async def count(session: AsyncSession, guide: str, categories: Collection[str], *, without: UUID) -> int:
    """Awards of a call in these categories, one application left out."""
    query = select(func.count()).where(
        Award.guide == guide, Award.category.in_(categories), Award.application_id != without
    )
    return await session.scalar(query) or 0
