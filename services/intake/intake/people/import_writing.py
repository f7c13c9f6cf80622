"""Writing what an import holds, and counting what it makes, changes and leaves alone."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.ids import new_id
from intake.people import import_memberships, memberships, moving, persons, service
from intake.people.import_schemas import Counts, MembershipIn, PersonIn, Report, UnitIn
from intake.people.import_work import Work
from intake.people.models import Membership, Person, Unit
from intake.people.persons import plain
from intake.people.sealing import Identifiers

_KEYS = {"uscc", "city", "profile", "recommending_unit_uscc"}


def would(work: Work, identifiers: Identifiers) -> Report:
    """What writing would count."""
    report, now = Report(), clock.business()
    for unit in work.body.units:
        known = (unit.city, unit.uscc) in work.units
        _tally(report.units, _outcome(unit_changes(work, unit)) if known else "created")
    for person in work.body.people:
        known = (person.city, person.ref) in work.people
        _tally(report.people, _outcome(person_changes(work, person, identifiers)) if known else "created")
    for row in work.body.memberships:
        _tally(report.memberships, import_memberships.plan(work, row, now).outcome)
    return report


def _outcome(changes: Collection[str]) -> str:
    return "changed" if changes else "unchanged"


def _tally(counts: Counts, outcome: str) -> None:
    name = "changed" if outcome == "regranted" else outcome
    setattr(counts, name, getattr(counts, name) + 1)


def unit_changes(work: Work, row: UnitIn) -> dict[str, Any]:
    """Columns of a known unit that a row changes; the recommending unit by its credit code."""
    unit = work.units[row.city, row.uscc]
    changes: dict[str, Any] = {}
    for column, value in row.model_dump(include=row.model_fields_set - _KEYS).items():
        keeps = value is None and column in service.COLUMN_FACTS.values()
        if not keeps and getattr(unit, column) != value:
            changes[column] = value
    profile = unit.profile | {name: value for name, value in row.profile.items() if value is not None}
    if profile != unit.profile:
        changes["profile"] = profile
    if "recommending_unit_uscc" in row.model_fields_set:
        above = work.units.get((row.city, row.recommending_unit_uscc or ""))
        if (above.id if above else None) != unit.recommending_unit_id or (
            above is None and row.recommending_unit_uscc is not None
        ):
            changes["recommending_unit_uscc"] = row.recommending_unit_uscc
    return changes


def person_changes(work: Work, row: PersonIn, identifiers: Identifiers) -> set[str]:
    """Names of what a row changes on a known person."""
    person, stated = work.people[row.city, row.ref], row.model_fields_set
    unit = work.units.get((row.city, row.unit_uscc or ""))
    changes = {"name"} if person.name != row.name else set()
    if "unit_uscc" in stated and (
        (unit.id if unit else None) != person.unit_id or (unit is None and row.unit_uscc is not None)
    ):
        changes.add("unit_uscc")
    if "resident_id" in stated and plain(row.resident_id) != identifiers.resident_id(person):
        changes.add("resident_id")
    if "phone" in stated and plain(row.phone) != identifiers.phone(person):
        changes.add("phone")
    return changes


async def write(session: AsyncSession, actor: Actor, work: Work, identifiers: Identifiers) -> Report:
    """Write everything; an audit row for each object that was made or changed."""
    report = Report()
    await _Writing(session, actor, work, report).all(identifiers)
    return report


class _Writing:
    """One import being written; `trail` maps (city, action, type) to the objects."""

    def __init__(self, session: AsyncSession, actor: Actor, work: Work, report: Report) -> None:
        self.session, self.actor, self.work, self.report = session, actor, work, report
        self.now: datetime = clock.business()
        self.trail: dict[tuple[str, str, str], list[tuple[UUID | str, dict[str, Any]]]] = {}

    async def all(self, identifiers: Identifiers) -> None:
        made = [self._unit(row) for row in self.work.body.units]
        await self.session.flush()
        for row, changes in zip(self.work.body.units, made, strict=True):
            self._recommended(row, changes)
        for person in self.work.body.people:
            self._person(person, identifiers)
        await self.session.flush()
        for membership in self.work.body.memberships:
            self._membership(membership)
        await self.session.flush()
        for (city, action, kind), objects in self.trail.items():
            await audit.record_many(
                self.session, self.actor, objects, action=action, object_type=kind, city=city
            )

    def _note(self, city: str, action: str, object_id: UUID, data: dict[str, Any]) -> None:
        kind = action.partition(".")[0]
        self.trail.setdefault((city, action, kind), []).append((object_id, data))

    def _unit(self, row: UnitIn) -> dict[str, Any]:
        key = (row.city, row.uscc)
        unit = self.work.units.get(key)
        if unit is None:
            columns = row.model_dump(exclude={"recommending_unit_uscc"})
            columns["profile"] = {name: value for name, value in row.profile.items() if value is not None}
            unit = Unit(id=new_id(), revision=1, created_at=self.now, updated_at=self.now, **columns)
            self.session.add(unit)
            self.work.units[key] = unit
            _tally(self.report.units, "created")
            self._note(row.city, "unit.added", unit.id, {"fields": sorted(row.model_fields_set)})
            return {"recommending_unit_uscc": row.recommending_unit_uscc}
        changes = unit_changes(self.work, row)
        for column, value in changes.items():
            if column != "recommending_unit_uscc":
                setattr(unit, column, value)
        if changes:
            unit.revision, unit.updated_at = unit.revision + 1, self.now
            data = {"revision": unit.revision, "fields": sorted(changes)}
            self._note(row.city, "unit.registered", unit.id, data)
        _tally(self.report.units, _outcome(changes))
        return changes

    def _recommended(self, row: UnitIn, changes: dict[str, Any]) -> None:
        """Set once all units of the file are there, because one may recommend itself or stand below."""
        if "recommending_unit_uscc" in changes:
            above = changes["recommending_unit_uscc"]
            self.work.units[row.city, row.uscc].recommending_unit_id = (
                self.work.units[row.city, above].id if above is not None else None
            )

    def _person(self, row: PersonIn, identifiers: Identifiers) -> None:
        person = self.work.people.get((row.city, row.ref))
        if person is None:
            person = Person(
                id=new_id(), city=row.city, ref=row.ref, name=row.name, revision=1, created_at=self.now
            )
            changes = {"name", *row.model_fields_set} - {"city", "ref"}
            self.session.add(person)
            self.work.people[row.city, row.ref] = person
            _tally(self.report.people, "created")
            action = "person.added"
        else:
            changes = person_changes(self.work, row, identifiers)
            _tally(self.report.people, _outcome(changes))
            action = "person.updated"
            if not changes:
                return
            person.name = row.name
            persons.touch(person)
        if "unit_uscc" in changes:
            unit = self.work.units[row.city, row.unit_uscc] if row.unit_uscc is not None else None
            moving.leave(self.session, person, unit.id if unit else None, self.now)
        if "resident_id" in changes:
            identifiers.put_resident_id(person, plain(row.resident_id))
        if "phone" in changes:
            identifiers.put_phone(person, plain(row.phone))
        self._note(row.city, action, person.id, {"revision": person.revision, "fields": sorted(changes)})

    def _membership(self, row: MembershipIn) -> None:
        planned = import_memberships.plan(self.work, row, self.now)
        _tally(self.report.memberships, planned.outcome)
        if planned.outcome == "unchanged":
            return
        person, held = self.work.people[row.city, row.person_ref], self.work.held(row)
        if held is None:
            unit = self.work.units[row.city, row.unit_uscc] if row.unit_uscc is not None else None
            held = Membership(
                id=new_id(),
                issuer=row.issuer,
                subject=row.subject,
                role=row.role.value,
                city=row.city,
                unit_id=unit.id if unit else None,
                revision=0,
                created_at=self.now,
            )
            self.session.add(held)
        elif planned.outcome == "regranted":
            self.session.add(memberships.former_of(held))
        held.person_id, held.login_kind = person.id, planned.login_kind
        held.valid_from, held.valid_to = planned.valid_from, planned.valid_to
        held.revision += 1
        action = "membership.changed" if planned.outcome == "changed" else "membership.granted"
        self._note(row.city, action, held.id, memberships.summary(held))
