"""What an administrator does with units: entering them, changing their registration, finding them."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import Conflict, FieldError, NotFound, RevisionMismatch, constraint_error
from common.ids import new_id
from common.pagination import encode_cursor
from intake.guides import service as guides
from intake.people import queries, service
from intake.people.models import Unit
from intake.people.schemas import NewUnit, RegistrationPatch, UnitOut, UnitPage, UnitSearch

_NEVER_EMPTY = ("name", "short_names", "former_names")


class UnitExists(Conflict):
    code = "intake.unit_exists"
    title_zh, title_en = "本市已有此统一社会信用代码的单位", "The city has a unit with this credit code"


constraint_error("uq_units_city_uscc", UnitExists)


async def add(session: AsyncSession, actor: Actor, new: NewUnit) -> UnitOut:
    """Enter a unit.

    Raises:
        NotFound: not a city that the actor administers.
        UnitExists: the credit code is known there.
        UnitRefused: a value that the calls in force do not know, or no such recommending unit.
    """
    await service.administer(session, actor, new.city)
    columns = new.model_dump()
    await _check(session, new.city, columns)
    now = clock.business()
    unit = Unit(id=new_id(), profile={}, revision=1, created_at=now, updated_at=now, **columns)
    session.add(unit)
    await session.flush()
    await _record(session, actor, unit, "unit.added", sorted(new.model_fields_set))
    return await _present(session, actor, unit)


async def register(
    session: AsyncSession, actor: Actor, unit_id: UUID, revision: int, patch: RegistrationPatch
) -> UnitOut:
    """Change what a unit is registered with. Applications keep the recommending unit they were filed under.

    Raises:
        NotFound: no such unit in a city that the actor administers.
        RevisionMismatch: changed since it was read.
        UnitRefused: as `add`.
    """
    unit = await queries.unit(session, actor, unit_id, lock=True)
    if unit is None:
        raise NotFound
    await service.administer(session, actor, unit.city)
    if unit.revision != revision:
        raise RevisionMismatch(extra={"revision": unit.revision})
    columns = patch.model_dump(exclude_unset=True)
    await _check(session, unit.city, columns)
    for column, value in columns.items():
        if value is not None or column not in _NEVER_EMPTY:
            setattr(unit, column, value)
    unit.revision += 1
    unit.updated_at = clock.business()
    await _record(session, actor, unit, "unit.registered", sorted(columns))
    return await _present(session, actor, unit)


async def search(session: AsyncSession, actor: Actor, asked: UnitSearch) -> UnitPage:
    """A page of the units that the actor sees in full."""
    found = await queries.search_units(session, actor, **asked.model_dump())
    page, more = found[: asked.first], len(found) > asked.first
    in_force = await guides.in_force(session)
    return UnitPage(
        items=[
            service.present(unit, [pack for pack in in_force if pack.city == unit.city], actor, whole=True)
            for unit in page
        ],
        next_cursor=encode_cursor({"unit": page[-1].id}) if more else None,
    )


async def _check(session: AsyncSession, city: str, columns: dict[str, Any]) -> None:
    problems = service.column_problems(columns, await service.packs_of(session, city), "")
    above = columns.get("recommending_unit_id")
    if above is not None and not await queries.is_unit_of(session, above, city):
        problems.append(FieldError("/recommending_unit_id", "unit", "no such unit in this city"))
    if problems:
        raise service.UnitRefused(errors=problems)


async def _present(session: AsyncSession, actor: Actor, unit: Unit) -> UnitOut:
    return service.present(unit, await service.packs_of(session, unit.city), actor, whole=True)


async def _record(session: AsyncSession, actor: Actor, unit: Unit, action: str, fields: list[str]) -> None:
    await audit.record(
        session,
        actor,
        action=action,
        object_type="unit",
        object_id=unit.id,
        city=unit.city,
        data={"revision": unit.revision, "fields": fields},
    )
