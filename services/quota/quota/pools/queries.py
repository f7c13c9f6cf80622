"""Reading pools and their ledger. The session holds every statement to the actor's cities."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from quota.pools.kinds import PoolKind
from quota.pools.models import LedgerEntry, Pool
from quota.pools.schemas import PoolPosition


async def batch(session: AsyncSession, keys: Collection[str], ids: Collection[UUID]) -> Sequence[Pool]:
    """Pools with one of these keys or ids, in no promised order."""
    found = await session.scalars(select(Pool).where(or_(Pool.key.in_(keys), Pool.id.in_(ids))))
    return found.all()


async def page(
    session: AsyncSession, guide: str, category: str | None, after: PoolPosition | None, limit: int
) -> Sequence[Pool]:
    """A guide's pools in the order of its tables."""
    wanted = select(Pool).where(Pool.guide == guide).order_by(Pool.position, Pool.id).limit(limit)
    if category is not None:
        wanted = wanted.where(Pool.category == category)
    if after is not None:
        wanted = wanted.where(tuple_(Pool.position, Pool.id) > (after.position, after.id))
    return (await session.scalars(wanted)).all()


async def find(session: AsyncSession, pool_id: UUID) -> Pool | None:
    return (await session.scalars(select(Pool).where(Pool.id == pool_id))).one_or_none()


async def by_keys(session: AsyncSession, wanted: Collection[tuple[PoolKind, str]]) -> Sequence[Pool]:
    """Pools with these kinds and keys, in id order: the order in which everybody locks them."""
    found = await session.scalars(
        select(Pool).where(tuple_(Pool.kind, Pool.key).in_(wanted)).order_by(Pool.id)
    )
    return found.all()


async def lock(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Pool]:
    """These pools, locked in id order."""
    found = await session.scalars(
        select(Pool)
        .where(Pool.id.in_(ids))
        .order_by(Pool.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.all()


async def lock_guide(session: AsyncSession, guide: str, kind: PoolKind) -> Sequence[Pool]:
    """All pools of this kind that a guide has made, locked in id order."""
    found = await session.scalars(
        select(Pool)
        .where(Pool.guide == guide, Pool.kind == kind)
        .order_by(Pool.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.all()


async def add_missing(session: AsyncSession, rows: Sequence[dict[str, object]]) -> None:
    """Insert the pools that do not exist yet (by city, kind and key); the others stay as they are."""
    if rows:
        await session.execute(insert(Pool).on_conflict_do_nothing(), rows)


async def ledger_page(session: AsyncSession, pool_id: UUID, after: int, limit: int) -> Sequence[LedgerEntry]:
    """Entries of one pool after this number, oldest first."""
    found = await session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.pool_id == pool_id, LedgerEntry.seq > after)
        .order_by(LedgerEntry.seq)
        .limit(limit)
    )
    return found.all()


async def unexplained(session: AsyncSession) -> Sequence[UUID]:
    """Pools whose counter is not the sum of their ledger. One statement, so one snapshot."""
    booked = (
        select(func.coalesce(func.sum(LedgerEntry.delta), 0))
        .where(LedgerEntry.pool_id == Pool.id)
        .correlate(Pool)
        .scalar_subquery()
    )
    return (await session.scalars(select(Pool.id).where(Pool.used != booked).order_by(Pool.id))).all()
