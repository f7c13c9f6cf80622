"""A person who changes units: what was held for the old one ends, and begins for the new one, at one instant.

The person's id stays. Applications name unit and team by id and were made by the old unit, so they stay with
it: the unit of an application is the unit of its team as of then. Whoever left may no longer edit its drafts,
because only a membership for the unit opens them.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.actor import Actor
from common.clock import clock
from common.errors import FieldError, NotFound, Unprocessable
from common.ids import new_id
from common.roles import Role
from intake.people import membership_queries as queries
from intake.people import memberships, persons, service
from intake.people import queries as people
from intake.people.membership_schemas import MoveIn, MoveOut
from intake.people.models import FormerUnit, Membership, Person


class MoveImpossible(Unprocessable):
    code = "intake.move_invalid"
    title_zh, title_en = "不能调动", "The person cannot be moved so"


async def move(
    session: AsyncSession, actor: Actor, person_id: UUID, revision: int, wanted: MoveIn
) -> MoveOut:
    """Move a person to another unit of the city.

    Raises:
        NotFound: no such person in a city that the actor administers.
        RevisionMismatch: changed since it was read.
        MoveImpossible: the unit is not of this city or is the person's already, the instant has not come, or
            a role is none of a unit's.
        MembershipExists: the login has such a role for the new unit already.
    """
    found = await people.person(session, person_id)
    if found is None:
        raise NotFound
    await service.administer(session, actor, found.city)
    await queries.administrators(session, found.city, lock=True)  # before the person, as everybody does
    person = await persons.administered(session, actor, person_id, revision)
    now = clock.business()
    at = wanted.at or now
    await _check(session, person, wanted, at, now)
    left = person.unit_id
    ended = await queries.for_unit(session, person.id, left, at) if left is not None else []
    for row in ended:
        await memberships.stop(session, row, at)
        await memberships.record(session, actor, row, "membership.ended")
    granted = [await memberships.put(session, one) for one in _new(person, ended, wanted, at, now)]
    for row in granted:
        await memberships.record(session, actor, row, "membership.granted")
    leave(session, person, wanted.unit_id, at)
    persons.touch(person)
    await session.flush()
    data = {"from_unit_id": str(left) if left else None, "to_unit_id": str(wanted.unit_id)}
    await persons.record(session, actor, person, "person.moved", {**data, "moved_at": at.isoformat()})
    return MoveOut(
        person_id=person.id,
        unit_id=wanted.unit_id,
        ended=await memberships.present(session, actor, ended),
        granted=await memberships.present(session, actor, granted),
    )


def leave(session: AsyncSession, person: Person, unit_id: UUID | None, at: datetime) -> None:
    """Let a person belong to another unit, and keep on record which one was left."""
    if person.unit_id is not None and person.unit_id != unit_id:
        former = FormerUnit(
            id=new_id(), city=person.city, person_id=person.id, unit_id=person.unit_id, until=at
        )
        session.add(former)
    person.unit_id = unit_id


async def _check(session: AsyncSession, person: Person, wanted: MoveIn, at: datetime, now: datetime) -> None:
    problems: list[FieldError] = []
    if not await people.is_unit_of(session, wanted.unit_id, person.city):
        problems.append(FieldError("/unit_id", "unit", "no such unit in this city"))
    if wanted.unit_id == person.unit_id:
        problems.append(FieldError("/unit_id", "unit", "the person belongs to this unit"))
    if at > now:
        problems.append(FieldError("/at", "period", "a move is entered when it has come about"))
    problems += [
        FieldError(f"/roles/{index}", "role", "not a role that is held for a unit")
        for index, role in enumerate(wanted.roles or [])
        if role not in memberships.UNIT_ROLES
    ]
    if problems:
        raise MoveImpossible(errors=problems)


def _new(
    person: Person, ended: Sequence[Membership], wanted: MoveIn, at: datetime, now: datetime
) -> list[Membership]:
    """Memberships for the new unit: each login that had one for the old unit gets the roles."""
    logins = {(one.issuer, one.subject): one.login_kind for one in ended}
    roles = {
        login: {one.role for one in ended if (one.issuer, one.subject) == login}
        if wanted.roles is None
        else {Role(role).value for role in wanted.roles}
        for login in logins
    }
    return [
        Membership(
            id=new_id(),
            city=person.city,
            issuer=issuer,
            subject=subject,
            person_id=person.id,
            role=role,
            unit_id=wanted.unit_id,
            login_kind=kind,
            valid_from=at,
            revision=1,
            created_at=now,
        )
        for (issuer, subject), kind in logins.items()
        for role in sorted(roles[issuer, subject])
    ]
