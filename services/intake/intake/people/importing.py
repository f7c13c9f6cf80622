"""Bringing units, persons and memberships in from a file: all or nothing, with every problem named.

Rows are known again by their own keys (credit code in a city, the file's ref in a city, the login with role,
city and unit), so the same file may be read twice.
"""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import FieldError, Unprocessable
from common.ids import new_id
from common.roles import Role
from guide import Pack
from intake.guides import service as guides
from intake.people import service
from intake.people.models import Membership, Person, Unit
from intake.people.schemas import (
    ImportedPerson,
    ImportedUnit,
    ImportIn,
    ImportOut,
    MembershipIn,
    RowProblem,
    UnitIn,
)

_UNIT_ROLES = (Role.applicant, Role.department_manager, Role.recommender, Role.project_leader)
Key = tuple[str, str]


class ImportRefused(Unprocessable):
    code = "intake.import_refused"
    title_zh, title_en = "导入内容有误，未作任何更改", "The file has problems; nothing was changed"


@dataclass
class _Import:
    """One reading of a file: what it holds, what is known already, what is wrong."""

    body: ImportIn
    units: dict[Key, Unit] = field(default_factory=dict)
    people: dict[Key, Person] = field(default_factory=dict)
    logins: dict[tuple[str, str, str], list[Membership]] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)

    def problem(self, pointer: str, reason: str) -> None:
        self.problems.append(RowProblem(pointer=pointer, reason=reason))


async def read(session: AsyncSession, actor: Actor, body: ImportIn, *, dry_run: bool) -> ImportOut:
    """Read a file.

    Raises:
        ImportRefused: it has problems, and it is no dry run.
    """
    work = _Import(body)
    _check_cities(work, actor)
    if not work.problems:
        await _load_known(session, work)
        in_force = await guides.in_force(session)
        _check_units(work, in_force)
        _check_people(work)
        _check_memberships(work)
    if work.problems:
        if dry_run:
            return ImportOut(problems=work.problems)
        raise ImportRefused(
            errors=[FieldError(one.pointer, "row", one.reason) for one in work.problems[:200]]
        )
    if dry_run:
        return ImportOut(memberships=len(body.memberships))
    await _write(session, work)
    found = {one.city for one in body.units} | {one.city for one in body.people}
    for city in sorted(found | {one.city for one in body.memberships}):
        await audit.record(
            session,
            actor,
            action="people.imported",
            object_type="import",
            object_id=new_id(),
            city=city,
            data={"units": len(body.units), "people": len(body.people), "memberships": len(body.memberships)},
        )
    return ImportOut(
        units=[ImportedUnit(uscc=one.uscc, id=work.units[one.city, one.uscc].id) for one in body.units],
        people=[ImportedPerson(ref=one.ref, id=work.people[one.city, one.ref].id) for one in body.people],
        memberships=len(body.memberships),
    )


def _check_cities(work: _Import, actor: Actor) -> None:
    sections = {
        "units": [one.city for one in work.body.units],
        "people": [one.city for one in work.body.people],
        "memberships": [one.city for one in work.body.memberships],
    }
    for section, rows in sections.items():
        for index, city in enumerate(rows):
            administers = actor.is_service or actor.has(Role.membership_administrator, city)
            if city not in actor.cities or not administers:
                work.problem(f"/{section}/{index}/city", "not one of your cities")


async def _load_known(session: AsyncSession, work: _Import) -> None:
    usccs = {one.uscc for one in work.body.units}
    usccs |= {one.recommending_unit_uscc for one in work.body.units if one.recommending_unit_uscc}
    usccs |= {one.unit_uscc for one in work.body.people if one.unit_uscc}
    usccs |= {one.unit_uscc for one in work.body.memberships if one.unit_uscc}
    for unit in await session.scalars(select(Unit).where(Unit.uscc.in_(usccs)).with_for_update()):
        work.units[unit.city, unit.uscc] = unit
    refs = {one.ref for one in work.body.people} | {one.person_ref for one in work.body.memberships}
    for person in await session.scalars(select(Person).where(Person.ref.in_(refs)).with_for_update()):
        work.people[person.city, str(person.ref)] = person
    logins = {(one.issuer, one.subject) for one in work.body.memberships}
    held = select(Membership).where(tuple_(Membership.issuer, Membership.subject).in_(logins))
    for one in await session.scalars(held):
        work.logins.setdefault((one.issuer, one.subject, one.city), []).append(one)


def _check_units(work: _Import, in_force: list[Pack]) -> None:
    named = {(one.city, one.uscc) for one in work.body.units}
    known = named | work.units.keys()
    seen: set[Key] = set()
    for index, row in enumerate(work.body.units):
        here, key = f"/units/{index}", (row.city, row.uscc)
        if key in seen:
            work.problem(f"{here}/uscc", "stands twice in the file")
        seen.add(key)
        above = row.recommending_unit_uscc
        if above is not None and (row.city, above) not in known:
            work.problem(f"{here}/recommending_unit_uscc", "no such unit in this city")
        own = [pack for pack in in_force if pack.city == row.city]
        faults = service.profile_problems(row.profile, own, f"{here}/profile")
        faults += service.column_problems(row.model_dump(), own, here)
        for fault in faults:
            work.problem(fault.pointer, fault.detail)


def _check_people(work: _Import) -> None:
    known = {(one.city, one.uscc) for one in work.body.units} | work.units.keys()
    seen: set[Key] = set()
    for index, row in enumerate(work.body.people):
        if (row.city, row.ref) in seen:
            work.problem(f"/people/{index}/ref", "stands twice in the file")
        seen.add((row.city, row.ref))
        if row.unit_uscc is not None and (row.city, row.unit_uscc) not in known:
            work.problem(f"/people/{index}/unit_uscc", "no such unit in this city")


def _check_memberships(work: _Import) -> None:
    units = {(one.city, one.uscc) for one in work.body.units} | work.units.keys()
    people = {(one.city, one.ref) for one in work.body.people} | work.people.keys()
    persons: dict[tuple[str, str, str], str] = {}
    seen: set[tuple[str, str, str, str, str | None]] = set()
    for index, row in enumerate(work.body.memberships):
        here = f"/memberships/{index}"
        if persons.setdefault((row.issuer, row.subject, row.city), row.person_ref) != row.person_ref:
            work.problem(f"{here}/person_ref", "the login stands for another person above")
        same = (row.issuer, row.subject, row.role.value, row.city, row.unit_uscc)
        if same in seen:
            work.problem(here, "stands twice in the file")
        seen.add(same)
        _check_membership(work, here, row, units, people)
    _check_logins(work)


def _check_logins(work: _Import) -> None:
    """A login stands for one person in a city: otherwise who is an expert under one name could apply under
    another. Memberships that the file itself rewrites, or that have ended, do not count."""
    now, rows = clock.business(), work.body.memberships
    unit_ids = {key: unit.id for key, unit in work.units.items()}
    rewritten = {
        (one.issuer, one.subject, one.role.value, one.city, unit_ids.get((one.city, one.unit_uscc or "")))
        for one in rows
    }
    for index, row in enumerate(rows):
        person = work.people.get((row.city, row.person_ref))
        for held in work.logins.get((row.issuer, row.subject, row.city), []):
            key = (held.issuer, held.subject, held.role, held.city, held.unit_id)
            ended = held.valid_to is not None and held.valid_to <= now
            if not ended and key not in rewritten and (person is None or held.person_id != person.id):
                work.problem(f"/memberships/{index}/person_ref", "the login stands for another person here")
                break


def _check_membership(work: _Import, here: str, row: MembershipIn, units: set[Key], people: set[Key]) -> None:
    if (row.city, row.person_ref) not in people:
        work.problem(f"{here}/person_ref", "no such person in this city")
    if row.unit_uscc is not None and (row.city, row.unit_uscc) not in units:
        work.problem(f"{here}/unit_uscc", "no such unit in this city")
    if row.unit_uscc is None and row.role in _UNIT_ROLES:
        work.problem(f"{here}/unit_uscc", "this role is held for a unit")
    if row.valid_from is not None and row.valid_to is not None and row.valid_from >= row.valid_to:
        work.problem(f"{here}/valid_to", "ends before it begins")


async def _write(session: AsyncSession, work: _Import) -> None:
    now = clock.business()
    for row in work.body.units:
        unit = work.units.get((row.city, row.uscc))
        if unit is None:
            unit = Unit(id=new_id(), city=row.city, uscc=row.uscc, created_at=now, revision=0)
            session.add(unit)
            work.units[row.city, row.uscc] = unit
        _fill(unit, row)
        unit.revision, unit.updated_at = unit.revision + 1, now
    await session.flush()
    for row in work.body.units:
        above = row.recommending_unit_uscc
        work.units[row.city, row.uscc].recommending_unit_id = (
            work.units[row.city, above].id if above is not None else None
        )
    for one in work.body.people:
        person = work.people.get((one.city, one.ref))
        if person is None:
            person = Person(id=new_id(), city=one.city, ref=one.ref, created_at=now)
            session.add(person)
            work.people[one.city, one.ref] = person
        person.name = one.name
        person.unit_id = work.units[one.city, one.unit_uscc].id if one.unit_uscc else None
    await session.flush()
    await _write_memberships(session, work)


def _fill(unit: Unit, row: UnitIn) -> None:
    unit.name = row.name
    unit.short_names = list(row.short_names)
    unit.former_names = list(row.former_names)
    unit.quota_token = row.quota_token
    unit.profile = (unit.profile or {}) | {k: v for k, v in row.profile.items() if v is not None}
    for column in service.COLUMN_FACTS.values():
        value = getattr(row, column)
        if value is not None:
            setattr(unit, column, value)


async def _write_memberships(session: AsyncSession, work: _Import) -> None:
    now = clock.business()
    rows = [
        {
            "id": new_id(),
            "issuer": one.issuer,
            "subject": one.subject,
            "person_id": work.people[one.city, one.person_ref].id,
            "role": one.role.value,
            "city": one.city,
            "unit_id": _unit_id(work, one.city, one.unit_uscc),
            "login_kind": one.login_kind,
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
            "created_at": now,
        }
        for one in work.body.memberships
    ]
    for start in range(0, len(rows), 500):
        fresh = insert(Membership).values(rows[start : start + 500])
        changed = {
            name: fresh.excluded[name] for name in ("person_id", "login_kind", "valid_from", "valid_to")
        }
        await session.execute(
            fresh.on_conflict_do_update(
                index_elements=["issuer", "subject", "role", "city", "unit_id"], set_=changed
            )
        )


def _unit_id(work: _Import, city: str, uscc: str | None) -> UUID | None:
    return work.units[city, uscc].id if uscc is not None else None
