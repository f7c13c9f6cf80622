"""Bringing units, persons and memberships in: all or nothing, with every problem named.

Rows are known again by their own keys (credit code in a city, the file's ref in a city, the login with role,
city and unit), so the same file may be read twice. What a row does not state stays as it is.
"""

from collections.abc import Callable

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.errors import FieldError, Unprocessable
from common.ids import new_id
from common.tabular import RowProblem
from guide import Pack
from intake.guides import service as guides
from intake.people import import_memberships as holding
from intake.people import import_writing as writing
from intake.people import membership_queries, service
from intake.people.import_schemas import ImportedPerson, ImportedUnit, ImportIn, ImportOut
from intake.people.import_work import Work
from intake.people.models import Membership, Person, Unit
from intake.people.persons import plain
from intake.people.sealing import Identifiers

_SHOWN = 200
Locate = Callable[[RowProblem], RowProblem]


class ImportRefused(Unprocessable):
    code = "intake.import_refused"
    title_zh, title_en = "导入内容有误，未作任何更改", "The file has problems; nothing was changed"


async def read(
    session: AsyncSession,
    actor: Actor,
    identifiers: Identifiers,
    body: ImportIn,
    *,
    dry_run: bool,
    locate: Locate = lambda problem: problem,
) -> ImportOut:
    """Read a file.

    Args:
        locate: tells where in a table a problem stands.

    Raises:
        ImportRefused: it has problems, and it is no dry run.
    """
    work = Work(body)
    await _check_cities(session, work, actor)
    if not work.problems:
        await _load_known(session, work, identifiers)
        _check_units(work, await guides.in_force(session))
        _check_people(work, identifiers)
        holding.check(work)
    if work.problems:
        return refuse([locate(one) for one in work.problems], dry_run=dry_run)
    if dry_run:
        report = writing.would(work, identifiers)
    else:
        report = await writing.write(session, actor, work, identifiers)
        await _record(session, actor, work)
    return ImportOut(
        units=[
            ImportedUnit(uscc=uscc, id=work.units[city, uscc].id)
            for city, uscc in ((one.city, one.uscc) for one in body.units)
            if (city, uscc) in work.units
        ],
        people=[
            ImportedPerson(ref=ref, id=work.people[city, ref].id)
            for city, ref in ((one.city, one.ref) for one in body.people)
            if (city, ref) in work.people
        ],
        memberships=len(body.memberships),
        report=report,
    )


def refuse(problems: list[RowProblem], *, dry_run: bool) -> ImportOut:
    """The report of a dry run on a file with problems.

    Raises:
        ImportRefused: it is no dry run.
    """
    if dry_run:
        return ImportOut(problems=problems)
    raise ImportRefused(
        errors=[FieldError(one.pointer, one.code, one.reason) for one in problems[:_SHOWN]],
        extra={"problems": [one.model_dump() for one in problems[:_SHOWN]], "found": len(problems)},
    )


async def _record(session: AsyncSession, actor: Actor, work: Work) -> None:
    body = work.body
    counts = {"units": len(body.units), "people": len(body.people), "memberships": len(body.memberships)}
    for city in sorted(work.cities()):
        await audit.record(
            session,
            actor,
            action="people.imported",
            object_type="import",
            object_id=new_id(),
            city=city,
            data=counts,
        )


async def _check_cities(session: AsyncSession, work: Work, actor: Actor) -> None:
    own = {city for city in work.cities() if service.administers(actor, city)}
    for section, rows in work.sections():
        for index, row in enumerate(rows):
            if row.city not in own:
                work.problem(f"/{section}/{index}/city", "not_your_city")
    for city in sorted(own):
        await service.administer(session, actor, city)
        work.administrators[city] = await membership_queries.administrators(session, city, lock=True)


async def _load_known(session: AsyncSession, work: Work, identifiers: Identifiers) -> None:
    body = work.body
    usccs = {one.uscc for one in body.units}
    usccs |= {one.recommending_unit_uscc for one in body.units if one.recommending_unit_uscc}
    usccs |= {one.unit_uscc for one in body.people if one.unit_uscc}
    usccs |= {one.unit_uscc for one in body.memberships if one.unit_uscc}
    known_units = select(Unit).where(Unit.uscc.in_(usccs)).order_by(Unit.id).with_for_update()
    for unit in await session.scalars(known_units):
        work.units[unit.city, unit.uscc] = unit
    refs = {one.ref for one in body.people} | {one.person_ref for one in body.memberships}
    known_people = select(Person).where(Person.ref.in_(refs)).order_by(Person.id).with_for_update()
    for person in await session.scalars(known_people):
        work.people[person.city, str(person.ref)] = person
    logins = {(one.issuer, one.subject) for one in body.memberships}
    held = select(Membership).where(tuple_(Membership.issuer, Membership.subject).in_(logins))
    for row in await session.scalars(held.order_by(Membership.id).with_for_update()):
        work.logins.setdefault((row.issuer, row.subject, row.city), []).append(row)
    indexes = [
        index
        for one in body.people
        if one.resident_id is not None
        for index in identifiers.indexes(one.resident_id.get_secret_value(), one.city)
    ]
    carrying = select(Person).where(Person.resident_id_index.in_(indexes))
    for person in await session.scalars(carrying):
        work.carriers[bytes(person.resident_id_index or b"")] = person


def _check_units(work: Work, in_force: list[Pack]) -> None:
    known = {(one.city, one.uscc) for one in work.body.units} | work.units.keys()
    seen: set[tuple[str, str]] = set()
    for index, row in enumerate(work.body.units):
        here, key = f"/units/{index}", (row.city, row.uscc)
        if key in seen:
            work.problem(f"{here}/uscc", "twice")
        seen.add(key)
        above = row.recommending_unit_uscc
        if above is not None and (row.city, above) not in known:
            work.problem(f"{here}/recommending_unit_uscc", "no_such_unit")
        own = [pack for pack in in_force if pack.city == row.city]
        faults = service.profile_problems(row.profile, own, f"{here}/profile")
        faults += service.column_problems(row.model_dump(), own, here)
        for fault in faults:
            work.problem(fault.pointer, "fact", more=fault.detail)


def _check_people(work: Work, identifiers: Identifiers) -> None:
    units = {(one.city, one.uscc) for one in work.body.units} | work.units.keys()
    seen: set[tuple[str, str]] = set()
    ids: dict[tuple[str, str], str] = {}
    for index, row in enumerate(work.body.people):
        here = f"/people/{index}"
        if (row.city, row.ref) in seen:
            work.problem(f"{here}/ref", "twice")
        seen.add((row.city, row.ref))
        if row.unit_uscc is not None and (row.city, row.unit_uscc) not in units:
            work.problem(f"{here}/unit_uscc", "no_such_unit")
        resident_id = plain(row.resident_id)
        if resident_id is None:
            continue
        if ids.setdefault((row.city, resident_id), row.ref) != row.ref:
            work.problem(f"{here}/resident_id", "resident_id_twice")
        carriers = (work.carriers.get(one) for one in identifiers.indexes(resident_id, row.city))
        if any(one is not None and one.ref != row.ref for one in carriers):
            work.problem(f"{here}/resident_id", "resident_id_taken")
