"""Statements on holds. `TAKE` is the one that must never oversell."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, String, Uuid, bindparam, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import scope_cities
from common.ids import new_id
from quota.holds.models import Hold, HoldPool
from quota.holds.states import State
from quota.pools.models import Pool

# The counter, what was taken, and the ledger line move in one statement: guarded, so that no row comes back
# when the pool is full, and plain INSERTs, so that a second take by the same subject violates its key.
TAKE: Final = text("""
    WITH taken AS (
        UPDATE pools SET used = used + :n, entries = entries + 1
        WHERE id = :pool_id AND used + :n <= capacity AND (:everywhere OR city = ANY(:cities))
        RETURNING id, city, kind, key, used, capacity, entries
    ), line AS (
        INSERT INTO hold_pools (id, city, subject, pool_id, kind, key, n, used, capacity)
        SELECT :line_id, taken.city, :subject, taken.id, taken.kind, taken.key, :n, taken.used, taken.capacity
        FROM taken
    )
    INSERT INTO ledger_entries (id, city, pool_id, seq, subject, kind, delta, used, capacity,
                                at, recorded_at, by, decided_by, reason, application_id, trace_id)
    SELECT :entry_id, taken.city, taken.id, taken.entries, :subject, 'held', :n, taken.used, taken.capacity,
           :at, :recorded_at, :by, :decided_by, :reason, :application_id, :trace_id
    FROM taken
    RETURNING used, capacity
""").bindparams(
    *(
        bindparam(name, type_=Uuid())
        for name in ("pool_id", "line_id", "entry_id", "subject", "application_id")
    ),
    *(bindparam(name, type_=DateTime(timezone=True)) for name in ("at", "recorded_at")),
    *(bindparam(name, type_=String()) for name in ("by", "decided_by", "reason", "trace_id")),
    bindparam("n", type_=BigInteger()),
    bindparam("cities", type_=ARRAY(String())),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """A pool's counters right after a take."""

    used: int
    limit: int


async def take(session: AsyncSession, pool_id: UUID, n: int, cause: dict[str, object]) -> Figures | None:
    """Take `n` from a pool for the cause's subject; None where that would pass its limit.

    Raises:
        IntegrityError: the subject has taken from this pool already.
    """
    cities = scope_cities(session)
    taken = await session.execute(
        TAKE,
        {
            **cause,
            "pool_id": pool_id,
            "n": n,
            "line_id": new_id(),
            "entry_id": new_id(),
            "everywhere": cities is None,
            "cities": cities or [],
        },
    )
    row = taken.one_or_none()
    return Figures(row.used, row.capacity) if row else None


async def find(session: AsyncSession, subject: UUID) -> Hold | None:
    return (await session.scalars(select(Hold).where(Hold.subject == subject))).one_or_none()


async def lock(session: AsyncSession, subject: UUID) -> Hold | None:
    """The subject's hold, locked: before its pools, as a take does."""
    found = await session.scalars(
        select(Hold)
        .where(Hold.subject == subject)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.one_or_none()


async def batch(session: AsyncSession, subjects: Collection[UUID]) -> Sequence[Hold]:
    return (await session.scalars(select(Hold).where(Hold.subject.in_(subjects)))).all()


async def lines(session: AsyncSession, subjects: Collection[UUID]) -> Sequence[HoldPool]:
    """What these subjects have taken, in pool order."""
    found = await session.scalars(
        select(HoldPool).where(HoldPool.subject.in_(subjects)).order_by(HoldPool.pool_id)
    )
    return found.all()


async def open_since(
    session: AsyncSession, before: datetime, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Hold]:
    """Holds neither confirmed nor void that were written before an instant (machine time), oldest first."""
    wanted = (
        select(Hold)
        .where(Hold.state == State.held.value, Hold.recorded_at < before)
        .order_by(Hold.recorded_at, Hold.id)
        .limit(limit)
    )
    if after is not None:
        wanted = wanted.where(tuple_(Hold.recorded_at, Hold.id) > after)
    return (await session.scalars(wanted)).all()


async def unbacked(session: AsyncSession) -> Sequence[UUID]:
    """Pools whose counter is not the sum of what their live holds took. One statement, so one snapshot."""
    live = (
        select(func.coalesce(func.sum(HoldPool.n), 0))
        .join(Hold, Hold.subject == HoldPool.subject)
        .where(HoldPool.pool_id == Pool.id, Hold.state != State.void.value)
        .correlate(Pool)
        .scalar_subquery()
    )
    return (await session.scalars(select(Pool.id).where(Pool.used != live).order_by(Pool.id))).all()
