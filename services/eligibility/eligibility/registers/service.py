"""Keeping registers, and asking them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import Conflict, FieldError, NotFound, Unprocessable, constraint_error
from common.ids import new_id
from common.roles import Role
from eligibility.registers import queries
from eligibility.registers.asking import facts, ignored, owned_facts
from eligibility.registers.kinds import KINDS
from eligibility.registers.models import EntryRevision
from eligibility.registers.schemas import CorrectionIn, EndIn, EntryIn, own_fields

__all__ = ["add", "correct", "end", "facts", "history", "ignored", "owned_facts", "page"]
KEEPERS = (Role.officer,)


class EntryUnknown(NotFound):
    code = "eligibility.entry_unknown"
    title_zh, title_en = "登记库中没有这条记录", "No such register entry"


class EntryTaken(Conflict):
    code = "eligibility.entry_taken"
    title_zh, title_en = "该编号的记录已存在且内容不同", "An entry with this id and other content exists"


class EntryChanged(Conflict):
    code = "eligibility.entry_changed"
    title_zh, title_en = "记录刚被他人修改，请重新查看", "The entry has just been changed by someone else"


class CityUnclear(Unprocessable):
    code = "eligibility.city_unclear"
    title_zh, title_en = "须说明所属城市", "The city must be named"


constraint_error("uq_register_entries_entry_id_revision", EntryChanged)


async def add(
    session: AsyncSession, actor: Actor, register: str, body: EntryIn
) -> tuple[EntryRevision, bool]:
    """A new entry; the bool is False where the same entry was there already.

    Raises:
        CityUnclear, Forbidden: the city is not named, or not the actor's.
        EntryTaken: the id stands for another entry.
    """
    city = city_of(actor, body.city)
    data = own_fields(body)
    entry_id = body.id or new_id()
    known = await queries.history(session, register, entry_id)
    if known:
        first = known[0]
        if first.data != data or first.valid_from != body.valid_from or first.city != city:
            raise EntryTaken
        return known[-1], False
    row = revision_of(
        actor,
        register,
        city,
        entry_id,
        revision=1,
        data=data,
        source=body.source or actor.label,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        reason=None,
    )
    session.add(row)
    await session.flush()
    await _audit(session, actor, row, "register_entry.added")
    return row, True


async def correct(
    session: AsyncSession, actor: Actor, register: str, entry_id: UUID, body: CorrectionIn
) -> EntryRevision:
    """Replace what an entry says; the earlier revision stays in its history.

    Raises:
        EntryUnknown, Forbidden, EntryChanged.
    """
    old = await _current(session, actor, register, entry_id)
    return await _supersede(
        session,
        actor,
        old,
        "register_entry.corrected",
        data=own_fields(body),
        source=body.source or old.source,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        reason=body.change_reason,
    )


async def end(
    session: AsyncSession, actor: Actor, register: str, entry_id: UUID, body: EndIn
) -> EntryRevision:
    """Say from when an entry no longer holds; repeating it changes nothing.

    Raises:
        EntryUnknown, Forbidden, EntryChanged.
        Unprocessable: the end lies before the beginning.
    """
    old = await _current(session, actor, register, entry_id)
    if old.valid_to == body.to and old.change_reason == body.reason:
        return old
    if body.to < old.valid_from:
        raise Unprocessable(errors=[FieldError("/to", "period", "lies before the entry's beginning")])
    return await _supersede(
        session,
        actor,
        old,
        "register_entry.ended",
        data=old.data,
        source=old.source,
        valid_from=old.valid_from,
        valid_to=body.to,
        reason=body.reason,
    )


async def page(
    session: AsyncSession,
    cities: Iterable[str],
    register: str,
    chosen: queries.Chosen,
    after: UUID | None,
    limit: int,
) -> Sequence[EntryRevision]:
    """Entries of a register in these cities."""
    return await queries.page(session, register, cities, chosen, after, limit)


async def history(session: AsyncSession, register: str, entry_id: UUID) -> Sequence[EntryRevision]:
    """All revisions of an entry, oldest first.

    Raises:
        EntryUnknown: not in the actor's cities.
    """
    found = await queries.history(session, register, entry_id)
    if not found:
        raise EntryUnknown
    return found


def city_of(actor: Actor, named: str | None, roles: Sequence[Role] = KEEPERS) -> str:
    """The city whose registers the actor keeps (or in which it has one of the roles): the one named, or the
    actor's only one.

    Raises:
        CityUnclear, Forbidden.
    """
    city = named or (next(iter(actor.cities)) if len(actor.cities) == 1 else None)
    if city is None:
        raise CityUnclear(errors=[FieldError("/city", "required", "name the city")])
    _require(actor, city, roles)
    return city


def _require(actor: Actor, city: str, roles: Sequence[Role]) -> None:
    actor.in_city(city)
    if not actor.is_service:
        actor.require(*roles, city=city)


async def _current(session: AsyncSession, actor: Actor, register: str, entry_id: UUID) -> EntryRevision:
    row = await queries.current(session, register, entry_id)
    if row is None:
        raise EntryUnknown
    _require(actor, row.city, KEEPERS)
    return row


async def _supersede(
    session: AsyncSession, actor: Actor, old: EntryRevision, action: str, **new: Any
) -> EntryRevision:
    row = revision_of(actor, old.register, old.city, old.entry_id, revision=old.revision + 1, **new)
    old.superseded_at = row.recorded_at
    session.add(row)
    await session.flush()
    await _audit(session, actor, row, action)
    return row


def revision_of(
    actor: Actor,
    register: str,
    city: str,
    entry_id: UUID,
    *,
    revision: int,
    data: dict[str, Any],
    source: str,
    valid_from: datetime,
    valid_to: datetime | None,
    reason: str | None,
    import_id: UUID | None = None,
) -> EntryRevision:
    """A revision to add; nothing is written yet."""
    kind = KINDS[register]
    return EntryRevision(
        id=new_id(),
        city=city,
        entry_id=entry_id,
        revision=revision,
        register=register,
        data=data,
        subject_keys=sorted(set(kind.keys(kind.schema.model_validate(data)))),
        source=source,
        valid_from=valid_from,
        valid_to=valid_to,
        recorded_at=clock.business(),
        recorded_by=actor.label,
        change_reason=reason,
        superseded_at=None,
        import_id=import_id,
    )


async def _audit(session: AsyncSession, actor: Actor, row: EntryRevision, action: str) -> None:
    await audit.record(
        session,
        actor,
        action=action,
        object_type="register_entry",
        object_id=row.entry_id,
        city=row.city,
        data={"register": row.register, "revision": row.revision},
    )
