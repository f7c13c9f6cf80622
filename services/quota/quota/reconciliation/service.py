"""Comparing the owners: quota's side, read in pages, and one hold settled on demand."""

from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from common.actor import Actor
from common.client import ServiceClient
from common.db import Database
from common.errors import FieldError
from common.pagination import BadCursor, Page, decode_cursor, encode_cursor
from quota.holds import service as holding
from quota.reconciliation import queries
from quota.reconciliation.schemas import (
    GuideLine,
    HoldLine,
    KeyPosition,
    PoolLine,
    Settled,
    SubjectPosition,
    Taken,
)
from quota.settlements import service as settlements

PositionT = TypeVar("PositionT", bound=BaseModel)


def _position(kind: type[PositionT], cursor: str | None) -> PositionT | None:
    if cursor is None:
        return None
    try:
        return kind.model_validate(decode_cursor(cursor))
    except ValidationError as error:
        raise BadCursor(errors=[FieldError("/cursor", "cursor", "a cursor of another list")]) from error


async def holds(session: AsyncSession, cursor: str | None, limit: int) -> Page[HoldLine]:
    """Every hold by subject, void ones too: those say that a place was given back for good.

    Raises:
        BadCursor: not a cursor of this list.
    """
    after = _position(SubjectPosition, cursor)
    rows = await queries.holds(session, after.subject if after else None, limit + 1)
    shown = rows[:limit]
    found = await holding.batch(session, [row.subject for row in shown])
    pools = {hold.subject: [Taken(key=pool.key, n=pool.n) for pool in hold.pools] for hold in found}
    lines = [HoldLine(subject=row.subject, state=row.state, pools=pools[row.subject]) for row in shown]
    more = len(rows) > limit
    return Page(items=lines, next_cursor=encode_cursor({"subject": shown[-1].subject}) if more else None)


async def pools(session: AsyncSession, cursor: str | None, limit: int) -> Page[PoolLine]:
    """Every pool by key, with the two sums that its counter must equal.

    Raises:
        BadCursor: not a cursor of this list.
    """
    after = _position(KeyPosition, cursor)
    rows = await queries.pools(session, after.key if after else None, limit + 1)
    lines = [
        PoolLine(
            key=row.Pool.key,
            guide=row.Pool.guide,
            limit=row.Pool.capacity,
            used=row.Pool.used,
            booked=int(row.booked),
            held=int(row.held),
        )
        for row in rows[:limit]
    ]
    more = len(rows) > limit
    return Page(items=lines, next_cursor=encode_cursor({"key": lines[-1].key}) if more else None)


async def versions(session: AsyncSession) -> list[GuideLine]:
    """Every version whose quota tables are here."""
    return [
        GuideLine(guide=guide, version=version, active=active)
        for guide, version, active in await queries.versions(session)
    ]


async def settle(db: Database, client: ServiceClient, actor: Actor, subject: UUID) -> Settled:
    """Ask intake what became of a hold, confirmed ones too, and do as it says; repeatable.

    Raises:
        HoldUnknown: no such hold in the actor's cities.
        HoldVoid: intake says that it stands, and it was voided here; void is final.
        OwnerUnavailable: intake does not answer: nothing is known, nothing is done.
    """
    async with db.read(actor) as session:
        hold = await holding.read(session, subject)
    after = await settlements.settle(db, client, actor, subject, hold.city, "reconciled")
    return Settled(state=after.state)
