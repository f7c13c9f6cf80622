"""Pools: reading them, locking them, and the only two ways in which a locked one changes."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from common import trace
from common.actor import Actor
from common.clock import clock
from common.errors import FieldError, NotFound
from common.ids import new_id
from common.pagination import BadCursor, Page, decode_cursor, encode_cursor
from quota.pools import queries
from quota.pools.kinds import EntryKind, PoolKind
from quota.pools.models import LedgerEntry, Pool
from quota.pools.schemas import LedgerEntryOut, LedgerPosition, PoolOut, PoolPosition, PoolsBatch

PositionT = TypeVar("PositionT", bound=BaseModel)


class PoolUnknown(NotFound):
    code = "quota.pool_unknown"
    title_zh, title_en = "没有这个名额池", "No such pool"


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A row of a quota table that is to have a pool."""

    key: str
    category: str
    row_id: str
    unit_zh: str
    unit_en: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Who, when, why, on whose decision: what every ledger entry carries besides figures."""

    subject: UUID | None
    at: datetime
    recorded_at: datetime
    by: str
    decided_by: str | None
    reason: str
    application_id: UUID | None
    trace_id: str | None

    def columns(self) -> dict[str, object]:
        return asdict(self)


def cause(
    actor: Actor,
    reason: str,
    *,
    subject: UUID | None = None,
    decided_by: str | None = None,
    application_id: UUID | None = None,
) -> Cause:
    """The cause of a change made now, in the running trace."""
    return Cause(
        subject=subject,
        at=clock.business(),
        recorded_at=clock.system(),
        by=actor.label,
        decided_by=decided_by,
        reason=reason,
        application_id=application_id,
        trace_id=trace.current_id(),
    )


def as_out(pool: Pool) -> PoolOut:
    return PoolOut(
        id=pool.id,
        city=pool.city,
        kind=PoolKind(pool.kind),
        key=pool.key,
        guide=pool.guide,
        category=pool.category,
        row=pool.row_id,
        unit_zh=pool.unit_zh,
        unit_en=pool.unit_en,
        limit=pool.capacity,
        used=pool.used,
        left=pool.capacity - pool.used,
    )


async def batch(session: AsyncSession, wanted: PoolsBatch) -> list[PoolOut]:
    """The pools asked for that exist in the session's cities."""
    return [as_out(pool) for pool in await queries.batch(session, wanted.keys, wanted.ids)]


async def listing(
    session: AsyncSession, guide: str, category: str | None, cursor: str | None, limit: int
) -> Page[PoolOut]:
    """A guide's pools in the order of its tables: what a quota report is made of.

    Raises:
        BadCursor: not a cursor of this list.
    """
    after = _position(PoolPosition, cursor)
    found = await queries.page(session, guide, category, after, limit + 1)
    shown, more = found[:limit], len(found) > limit
    end = PoolPosition(position=shown[-1].position, id=shown[-1].id) if more else None
    return Page(items=[as_out(pool) for pool in shown], next_cursor=_cursor(end))


async def ledger(
    session: AsyncSession, pool_id: UUID, cursor: str | None, limit: int
) -> Page[LedgerEntryOut]:
    """A pool's history, oldest first.

    Raises:
        PoolUnknown: no such pool in the session's cities.
        BadCursor: not a cursor of this list.
    """
    after = _position(LedgerPosition, cursor)
    if await queries.find(session, pool_id) is None:
        raise PoolUnknown
    found = await queries.ledger_page(session, pool_id, after.seq if after else 0, limit + 1)
    shown, more = found[:limit], len(found) > limit
    end = LedgerPosition(seq=shown[-1].seq) if more else None
    return Page(items=[_entry_out(entry) for entry in shown], next_cursor=_cursor(end))


async def in_lock_order(
    session: AsyncSession, wanted: Sequence[tuple[PoolKind, str]]
) -> dict[tuple[PoolKind, str], Pool]:
    """The wanted pools, not yet locked, in the order in which they are to be locked.

    Raises:
        PoolUnknown: one of them does not exist in the session's cities; nothing is taken then.
    """
    found = {(PoolKind(pool.kind), pool.key): pool for pool in await queries.by_keys(session, wanted)}
    missing = [
        FieldError(f"/pools/{index}/key", "pool_unknown", f"no {kind} pool {key}")
        for index, (kind, key) in enumerate(wanted)
        if (kind, key) not in found
    ]
    if missing:
        raise PoolUnknown(errors=missing)
    return found


async def lock(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Pool]:
    """These pools, locked in id order, as they stand now."""
    return await queries.lock(session, ids)


async def lock_places(session: AsyncSession, guide: str) -> Sequence[Pool]:
    """All place pools of a guide, locked in id order, as they stand now."""
    return await queries.lock_guide(session, guide, PoolKind.place)


async def open_places(session: AsyncSession, city: str, guide: str, places: Sequence[NewPlace]) -> None:
    """Make the pools of these rows, empty and closed (limit 0), where they do not exist yet."""
    shared: dict[str, object] = {"city": city, "kind": PoolKind.place.value, "guide": guide}
    shared |= {"capacity": 0, "used": 0, "entries": 0}
    in_order = sorted(places, key=lambda place: place.key)  # two stagings must not wait crosswise
    await queries.add_missing(session, [{"id": new_id(), **shared, **asdict(place)} for place in in_order])


def move(session: AsyncSession, pool: Pool, kind: EntryKind, delta: int, why: Cause) -> None:
    """Change a locked pool's counter and write it down; a confirmation moves it by 0."""
    pool.used += delta
    _book(session, pool, kind, delta, why)


def set_limit(session: AsyncSession, pool: Pool, limit: int, why: Cause) -> None:
    """Change a locked pool's limit and write it down."""
    pool.capacity = limit
    _book(session, pool, EntryKind.limit, 0, why)


async def unexplained(session: AsyncSession) -> Sequence[UUID]:
    """Ids of pools whose counter is not the sum of their ledger: always none."""
    return await queries.unexplained(session)


def _book(session: AsyncSession, pool: Pool, kind: EntryKind, delta: int, why: Cause) -> None:
    pool.entries += 1
    session.add(
        LedgerEntry(
            city=pool.city,
            pool_id=pool.id,
            seq=pool.entries,
            kind=kind.value,
            delta=delta,
            used=pool.used,
            capacity=pool.capacity,
            **why.columns(),
        )
    )


def _entry_out(entry: LedgerEntry) -> LedgerEntryOut:
    return LedgerEntryOut(
        id=entry.id,
        pool_id=entry.pool_id,
        seq=entry.seq,
        kind=EntryKind(entry.kind),
        delta=entry.delta,
        used=entry.used,
        limit=entry.capacity,
        left=entry.capacity - entry.used,
        subject=entry.subject,
        application_id=entry.application_id,
        at=entry.at,
        recorded_at=entry.recorded_at,
        by=entry.by,
        decided_by=entry.decided_by,
        reason=entry.reason,
        trace_id=entry.trace_id,
    )


def _cursor(position: BaseModel | None) -> str | None:
    return encode_cursor(position.model_dump()) if position else None


def _position(kind: type[PositionT], cursor: str | None) -> PositionT | None:
    if cursor is None:
        return None
    try:
        return kind.model_validate(decode_cursor(cursor))
    except ValidationError as error:
        raise BadCursor(errors=[FieldError("/cursor", "cursor", "a cursor of another list")]) from error
