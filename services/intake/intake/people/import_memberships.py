"""Memberships of an import: what a row means for the membership that is there already, and what is wrong.

A file that is read again does not bring back what was ended since: only a row whose beginning is stated, and
not before that end, begins a new period.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from common.clock import clock
from common.roles import Role
from intake.people.import_schemas import MembershipIn
from intake.people.import_work import Key, Work
from intake.people.memberships import UNIT_ROLES
from intake.people.models import Membership

Outcome = Literal["created", "changed", "regranted", "unchanged", "ended"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of a row. `ended`: it would bring back a membership that has ended, which is refused."""

    outcome: Outcome
    login_kind: str | None
    valid_from: datetime | None
    valid_to: datetime | None


def plan(work: Work, row: MembershipIn, now: datetime) -> Plan:
    """What a row means for what is there."""
    held = work.held(row)
    if held is None:
        return Plan("created", row.login_kind, row.valid_from, row.valid_to)
    stated = row.model_fields_set
    login_kind = row.login_kind if "login_kind" in stated else held.login_kind
    valid_from = row.valid_from if "valid_from" in stated else held.valid_from
    valid_to = row.valid_to if "valid_to" in stated else held.valid_to
    if held.valid_to is not None and held.valid_to <= now:
        if valid_from is not None and valid_from >= held.valid_to:
            again = row.valid_to if "valid_to" in stated else None
            return Plan("regranted", login_kind, valid_from, again)
        if valid_to is None or valid_to > held.valid_to:
            return Plan("ended", login_kind, valid_from, valid_to)
    person = work.people.get((row.city, row.person_ref))
    before = (held.person_id, held.login_kind, held.valid_from, held.valid_to)
    same = person is not None and (person.id, login_kind, valid_from, valid_to) == before
    return Plan("unchanged" if same else "changed", login_kind, valid_from, valid_to)


def check(work: Work) -> None:
    """Note every problem with the memberships of the file."""
    units = {(one.city, one.uscc) for one in work.body.units} | work.units.keys()
    people = {(one.city, one.ref) for one in work.body.people} | work.people.keys()
    persons: dict[tuple[str, str, str], str] = {}
    seen: set[tuple[str, str, str, str, str | None]] = set()
    now = clock.business()
    for index, row in enumerate(work.body.memberships):
        here = f"/memberships/{index}"
        if persons.setdefault((row.issuer, row.subject, row.city), row.person_ref) != row.person_ref:
            work.problem(f"{here}/person_ref", "login_of_another_row")
        same = (row.issuer, row.subject, row.role.value, row.city, row.unit_uscc)
        if same in seen:
            work.problem(here, "twice")
        seen.add(same)
        _check_row(work, here, row, units, people, now)
    _check_logins(work, now)
    _check_administrators(work, now)


def _check_row(
    work: Work, here: str, row: MembershipIn, units: set[Key], people: set[Key], now: datetime
) -> None:
    if (row.city, row.person_ref) not in people:
        work.problem(f"{here}/person_ref", "no_such_person")
    if row.unit_uscc is not None and (row.city, row.unit_uscc) not in units:
        work.problem(f"{here}/unit_uscc", "no_such_unit")
    if row.unit_uscc is None and row.role in UNIT_ROLES:
        work.problem(f"{here}/unit_uscc", "unit_needed")
    planned = plan(work, row, now)
    begins, ends = planned.valid_from, planned.valid_to
    if planned.outcome == "ended":
        work.problem(f"{here}/valid_from", "membership_ended")
    elif planned.outcome != "unchanged" and begins is not None and ends is not None and begins >= ends:
        work.problem(f"{here}/valid_to", "period")


def _check_logins(work: Work, now: datetime) -> None:
    """A login stands for one person in a city: otherwise who is an expert under one name could apply under
    another. Memberships that the file itself rewrites, or that have ended, do not count."""
    rewritten = {held.id for row in work.body.memberships if (held := work.held(row)) is not None}
    for index, row in enumerate(work.body.memberships):
        person = work.people.get((row.city, row.person_ref))
        for held in work.logins.get((row.issuer, row.subject, row.city), []):
            ended = held.valid_to is not None and held.valid_to <= now
            if not ended and held.id not in rewritten and (person is None or held.person_id != person.id):
                work.problem(f"/memberships/{index}/person_ref", "login_of_another")
                break


def _check_administrators(work: Work, now: datetime) -> None:
    """No row may shorten a membership so that nobody administers the city at its new end."""
    periods: dict[str, dict[object, tuple[datetime | None, datetime | None]]] = {
        city: {one.id: (one.valid_from, one.valid_to) for one in rows}
        for city, rows in work.administrators.items()
    }
    shortened: list[tuple[int, str, datetime]] = []
    for index, row in enumerate(work.body.memberships):
        if row.role != Role.membership_administrator:
            continue
        held, planned = work.held(row), plan(work, row, now)
        periods[row.city][held.id if held else index] = (planned.valid_from, planned.valid_to)
        if held is not None and planned.valid_to is not None and _shorter(held, planned.valid_to):
            shortened.append((index, row.city, planned.valid_to))
    for index, city, at in shortened:
        if not any(_covers(begins, ends, at) for begins, ends in periods[city].values()):
            work.problem(f"/memberships/{index}/valid_to", "last_administrator")


def _shorter(held: Membership, valid_to: datetime) -> bool:
    return held.valid_to is None or valid_to < held.valid_to


def _covers(begins: datetime | None, ends: datetime | None, at: datetime) -> bool:
    return (begins is None or begins <= at) and (ends is None or at < ends)
