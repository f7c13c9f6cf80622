"""Keeping subscriptions: who reads, on which legal basis, for what, and how much."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import Conflict, FieldError, NotFound, Unprocessable, constraint_error
from common.ids import new_id
from common.pagination import decode_cursor, encode_cursor
from common.roles import Role
from intake.feed import dictionary, queries
from intake.feed.models import Disclosure, Subscriber
from intake.feed.schemas import SubscriberIn

OVERSEERS = (Role.officer, Role.auditor, Role.bureau_head)


class SubscriberExists(Conflict):
    code = "intake.subscriber_exists"
    title_zh, title_en = "该客户端在本市已有订阅", "This client has a subscription in this city"


constraint_error("uq_subscribers_city_client", SubscriberExists)


async def create(session: AsyncSession, actor: Actor, wanted: SubscriberIn) -> Subscriber:
    """Record a subscription.

    Raises:
        Forbidden: an officer of another city.
        Unprocessable: a field that the dictionary does not have, or an empty list.
        SubscriberExists: there is one.
    """
    if not actor.is_service:
        actor.require(Role.officer, city=wanted.city)
    actor.in_city(wanted.city)
    _check(wanted)
    made = Subscriber(
        id=new_id(), **wanted.model_dump(), revision=1, created_by=actor.label, created_at=clock.business()
    )
    session.add(made)
    await session.flush()
    await audit.record(
        session,
        actor,
        action="subscriber.created",
        object_type="subscriber",
        object_id=made.id,
        city=made.city,
        data={"fields": made.fields, "regions": made.regions},
    )
    return made


def _check(wanted: SubscriberIn) -> None:
    faults = [
        FieldError(f"/fields/{place}", "unknown_field", "the dictionary has no such field")
        for place, name in enumerate(wanted.fields or [])
        if name not in dictionary.RECORD_FIELDS
    ]
    faults += [
        FieldError(f"/{member}", "empty", "null means all; an empty list gives nothing")
        for member in ("fields", "regions")
        if getattr(wanted, member) == []
    ]
    if faults:
        raise Unprocessable(errors=faults)


async def all_of(session: AsyncSession, actor: Actor) -> list[Subscriber]:
    """The subscriptions in the cities where the actor works for the bureau."""
    return [one for one in await queries.subscribers(session) if actor.has_any(OVERSEERS, one.city)]


async def disclosures(
    session: AsyncSession, actor: Actor, subscriber_id: UUID, cursor: str | None, limit: int
) -> tuple[Sequence[Disclosure], str | None]:
    """What was given to a subscriber, oldest first, and the cursor of the next page.

    Raises:
        NotFound: no such subscriber in the actor's cities.
    """
    if subscriber_id not in {one.id for one in await all_of(session, actor)}:
        raise NotFound
    after = _after(cursor)
    rows = await queries.disclosures(session, subscriber_id, after, limit + 1)
    page = rows[:limit]
    position: dict[str, Any] | None = {"id": page[-1].id} if len(rows) > limit else None
    return page, encode_cursor(position) if position else None


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(str(decode_cursor(cursor, "id")["id"]))
    except ValueError as error:
        raise Unprocessable(errors=[FieldError("/cursor", "cursor", "not a cursor")]) from error
