"""Taking, confirming and voiding.

Everything done to a hold locks its row first (a take by inserting it), then the pools in id order. So a take,
a retried take, a confirmation and a voiding of one subject queue up at that row and cannot wait crosswise,
and those of different subjects meet only at the pools, always in the same order.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit, faults
from common.actor import Actor
from common.clock import clock
from common.db import Database
from common.errors import Conflict, NotFound, constraint_error
from common.ids import new_id
from quota.holds import queries
from quota.holds.models import Hold, HoldPool
from quota.holds.schemas import HeldPool, HoldOrder, HoldOut
from quota.holds.states import HoldVoid, State, advance
from quota.pools import service as pools
from quota.pools.kinds import EntryKind, PoolKind
from quota.pools.models import Pool

TAKING = faults.point("quota.hold.taking")
TAKEN = faults.point("quota.hold.taken")
CONFIRMING = faults.point("quota.hold.confirming")
CONFIRMED = faults.point("quota.hold.confirmed")
VOIDING = faults.point("quota.hold.voiding")


class PlaceExhausted(Conflict):
    code = "quota.place_exhausted"
    title_zh, title_en = "该推荐单位的名额已用完", "No place is left in this quota row"


class HoldExists(Conflict):
    """Internal: the subject has a hold already; looked up before anything is said."""

    code = "quota.hold_exists"
    title_zh, title_en = "该占用已存在", "The hold exists already"


class HoldDiffers(Conflict):
    code = "quota.hold_differs"
    title_zh, title_en = "同一事项已有不同的占用", "The subject already holds something else"


class HoldUnknown(NotFound):
    code = "quota.hold_unknown"
    title_zh, title_en = "没有这个占用", "No such hold"


constraint_error("uq_holds_subject", HoldExists)
constraint_error("pk_holds", HoldExists)


async def take(db: Database, actor: Actor, order: HoldOrder) -> tuple[HoldOut, bool]:
    """Take all that is ordered, or nothing. Repeatable by subject.

    Returns:
        The hold, and whether it is new. A repeated order is answered with the figures of the first time.

    Raises:
        PlaceExhausted: names the pool, its limit and its use.
        PoolUnknown: a pool does not exist in this city.
        HoldVoid: the subject was voided, perhaps before this order arrived.
        HoldDiffers: the subject holds something else.
        Forbidden: the city is not the caller's.
    """
    acting = actor.in_city(order.city)
    try:
        async with db.write(acting) as session:
            hold = await _take(session, acting, order)
            await faults.reach(TAKING)
        await faults.reach(TAKEN)
        return hold, True
    except (HoldExists, PlaceExhausted) as refusal:
        # in a new transaction: what was there first may have been committed while this one waited
        async with db.read(acting) as session:
            known = await queries.find(session, order.subject)
            lines = await queries.lines(session, [order.subject])
        if known is None and isinstance(refusal, PlaceExhausted):
            raise
        if known is not None and known.state == State.void:
            raise HoldVoid(extra={"subject": str(order.subject)}) from None
        if known is None or not _same(order, lines):
            raise HoldDiffers from None
        return _as_out(known, lines), False


async def confirm(
    db: Database, actor: Actor, subject: UUID, *, city: str, reason: str, decided_by: str | None = None
) -> HoldOut:
    """The subject is committed: its hold stays. Repeatable.

    Raises:
        HoldUnknown: no such hold in this city.
        HoldVoid: it was voided.
    """
    acting = actor.in_city(city)
    async with db.write(acting) as session:
        hold = await queries.lock(session, subject)
        if hold is None:
            raise HoldUnknown
        changed = await _change(session, acting, hold, State.confirmed, reason, decided_by)
        await faults.reach(CONFIRMING)
    await faults.reach(CONFIRMED)
    return changed


async def void(
    db: Database, actor: Actor, subject: UUID, *, city: str, reason: str, decided_by: str | None = None
) -> HoldOut:
    """Free what the subject holds, for good; a subject without a hold can never take one. Repeatable.

    Raises:
        HoldDiffers: the subject belongs to another city.
    """
    acting = actor.in_city(city)
    try:
        return await _void(db, acting, subject, city, reason, decided_by)
    except HoldExists:
        # a take was under way when we looked and has committed since: now it can be seen
        pass
    try:
        return await _void(db, acting, subject, city, reason, decided_by)
    except HoldExists:
        raise HoldDiffers from None


async def read(session: AsyncSession, subject: UUID) -> HoldOut:
    """
    Raises:
        HoldUnknown: no such hold in the session's cities.
    """
    hold = await queries.find(session, subject)
    if hold is None:
        raise HoldUnknown
    return _as_out(hold, await queries.lines(session, [subject]))


async def batch(session: AsyncSession, subjects: Collection[UUID]) -> list[HoldOut]:
    """The holds of these subjects that exist in the session's cities."""
    lines: dict[UUID, list[HoldPool]] = {}
    for line in await queries.lines(session, subjects):
        lines.setdefault(line.subject, []).append(line)
    return [_as_out(hold, lines.get(hold.subject, [])) for hold in await queries.batch(session, subjects)]


async def overdue(session: AsyncSession, age: timedelta, after: Hold | None, limit: int) -> Sequence[Hold]:
    """Holds that have been open for longer than `age` (machine time), oldest first, after a given one."""
    place: tuple[datetime, UUID] | None = (after.recorded_at, after.id) if after else None
    return await queries.open_since(session, clock.system() - age, place, limit)


async def unbacked(session: AsyncSession) -> Sequence[UUID]:
    """Ids of pools whose counter is not what open and confirmed holds have taken: always none."""
    return await queries.unbacked(session)


async def _take(session: AsyncSession, actor: Actor, order: HoldOrder) -> HoldOut:
    found = await pools.in_lock_order(session, [(pool.kind, pool.key) for pool in order.pools])
    why = pools.cause(
        actor,
        order.reason,
        subject=order.subject,
        decided_by=order.decided_by,
        application_id=order.application_id,
    )
    hold = _new(order.id, order.subject, State.held, why, order.city)
    session.add(hold)
    await session.flush()
    amounts = {(pool.kind, pool.key): pool.n for pool in order.pools}
    for wanted, pool in found.items():
        await _take_one(session, pool, amounts[wanted], why)
    await _record(session, actor, hold, "hold.taken")
    return _as_out(hold, await queries.lines(session, [order.subject]))


async def _take_one(session: AsyncSession, pool: Pool, n: int, why: pools.Cause) -> None:
    if await queries.take(session, pool.id, n, why.columns()):
        return
    # full a moment ago: under its lock the figures are exact, and a place freed meanwhile is still taken
    (locked,) = await pools.lock(session, [pool.id])
    if locked.used + n > locked.capacity or not await queries.take(session, pool.id, n, why.columns()):
        raise PlaceExhausted(
            extra={
                "pool": {
                    "kind": locked.kind,
                    "key": locked.key,
                    "row": locked.row_id,
                    "unit_zh": locked.unit_zh,
                    "limit": locked.capacity,
                    "used": locked.used,
                }
            }
        )


async def _void(
    db: Database, actor: Actor, subject: UUID, city: str, reason: str, decided_by: str | None
) -> HoldOut:
    async with db.write(actor) as session:
        hold = await queries.lock(session, subject)
        if hold is not None:
            changed = await _change(session, actor, hold, State.void, reason, decided_by)
            await faults.reach(VOIDING)
            return changed
        why = pools.cause(actor, reason, subject=subject, decided_by=decided_by)
        tombstone = _new(None, subject, State.void, why, city)
        session.add(tombstone)
        await session.flush()
        await _record(session, actor, tombstone, "hold.voided")
        return _as_out(tombstone, [])


async def _change(
    session: AsyncSession, actor: Actor, hold: Hold, to: State, reason: str, decided_by: str | None
) -> HoldOut:
    """Advance a locked hold and write it into its pools' ledgers."""
    lines = await queries.lines(session, [hold.subject])
    if advance(hold, to):
        hold.changed_at = clock.business()
        why = pools.cause(
            actor,
            reason,
            subject=hold.subject,
            decided_by=decided_by,
            application_id=hold.application_id,
        )
        kind = EntryKind.void if to is State.void else EntryKind.confirmed
        taken = {line.pool_id: line.n for line in lines}
        for pool in await pools.lock(session, taken.keys()):
            pools.move(session, pool, kind, -taken[pool.id] if to is State.void else 0, why)
        await _record(session, actor, hold, "hold.voided" if to is State.void else "hold.confirmed")
    return _as_out(hold, lines)


def _new(hold_id: UUID | None, subject: UUID, state: State, why: pools.Cause, city: str) -> Hold:
    return Hold(
        id=hold_id or new_id(),
        city=city,
        subject=subject,
        state=state.value,
        application_id=why.application_id,
        created_at=why.at,
        changed_at=why.at,
        recorded_at=why.recorded_at,
    )


def _same(order: HoldOrder, lines: Sequence[HoldPool]) -> bool:
    wanted = {(pool.kind.value, pool.key): pool.n for pool in order.pools}
    return wanted == {(line.kind, line.key): line.n for line in lines}


def _as_out(hold: Hold, lines: Sequence[HoldPool]) -> HoldOut:
    return HoldOut(
        id=hold.id,
        city=hold.city,
        subject=hold.subject,
        state=State(hold.state),
        application_id=hold.application_id,
        pools=[
            HeldPool(
                kind=PoolKind(line.kind),
                key=line.key,
                n=line.n,
                limit=line.capacity,
                used=line.used,
                left=line.capacity - line.used,
            )
            for line in lines
        ],
        created_at=hold.created_at,
        changed_at=hold.changed_at,
    )


async def _record(session: AsyncSession, actor: Actor, hold: Hold, action: str) -> None:
    await audit.record(
        session,
        actor,
        action=action,
        object_type="hold",
        object_id=hold.subject,
        city=hold.city,
        application_id=hold.application_id,
        data={"state": hold.state},
    )
