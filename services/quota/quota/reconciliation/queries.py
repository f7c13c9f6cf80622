"""Reading what the comparison needs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from quota.allocations.models import ActiveAllocation, Allocation
from quota.holds.models import Hold, HoldPool
from quota.holds.states import State
from quota.pools.models import LedgerEntry, Pool


async def cities(session: AsyncSession) -> list[str]:
    return sorted(set(await session.scalars(select(Allocation.city))))


async def holds(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Hold]:
    """Holds by subject."""
    query = select(Hold).order_by(Hold.subject).limit(limit)
    if after is not None:
        query = query.where(Hold.subject > after)
    return (await session.scalars(query)).all()


async def pools(session: AsyncSession, after: str | None, limit: int) -> Sequence[Row[Any]]:
    """(pool, booked, held) by key. One statement, so one snapshot."""
    booked = (
        select(func.coalesce(func.sum(LedgerEntry.delta), 0))
        .where(LedgerEntry.pool_id == Pool.id)
        .correlate(Pool)
        .scalar_subquery()
    )
    held = (
        select(func.coalesce(func.sum(HoldPool.n), 0))
        .join(Hold, Hold.subject == HoldPool.subject)
        .where(HoldPool.pool_id == Pool.id, Hold.state != State.void.value)
        .correlate(Pool)
        .scalar_subquery()
    )
    query = select(Pool, booked.label("booked"), held.label("held")).order_by(Pool.key, Pool.id).limit(limit)
    if after is not None:
        query = query.where(Pool.key > after)
    return (await session.execute(query)).all()


async def versions(session: AsyncSession) -> list[tuple[str, str, bool]]:
    """(guide, version, active) of every staged version."""
    pointers = await session.execute(select(ActiveAllocation.guide, ActiveAllocation.version))
    active = {(row.guide, row.version) for row in pointers}
    found = await session.execute(
        select(Allocation.guide, Allocation.version).order_by(Allocation.guide, Allocation.version)
    )
    return [(row.guide, row.version, (row.guide, row.version) in active) for row in found]
