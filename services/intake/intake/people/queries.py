"""Reading people: seen by their own unit, by the unit that recommends it, and by the bureau."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from common.actor import Actor
from common.roles import Role
from intake.people.models import Membership, Person, Unit

BUREAU = (
    Role.officer,
    Role.formal_reviewer,
    Role.bureau_head,
    Role.finance,
    Role.auditor,
    Role.guide_administrator,
    Role.membership_administrator,
)


def bureau_cities(actor: Actor) -> list[str]:
    """The cities in which this actor works for the bureau."""
    return sorted({grant.city for grant in actor.grants if grant.role in BUREAU})


def in_full(actor: Actor) -> ColumnElement[bool]:
    """Units of which the actor sees everything."""
    if actor.is_service:
        return true()
    own = actor.units()
    recommending = actor.units(Role.recommender)
    return or_(
        Unit.city.in_(bureau_cities(actor)),
        Unit.id.in_(own) if own else false(),
        Unit.recommending_unit_id.in_(recommending) if recommending else false(),
    )


def visible(actor: Actor) -> ColumnElement[bool]:
    """Units that the actor sees at all: also the one that recommends its own."""
    own = actor.units()
    neighbours = select(Unit.recommending_unit_id).where(Unit.id.in_(own))
    return or_(in_full(actor), Unit.id.in_(neighbours) if own else false())


async def unit(session: AsyncSession, actor: Actor, unit_id: UUID, *, lock: bool = False) -> Unit | None:
    """One unit that the actor sees in full."""
    query = select(Unit).where(Unit.id == unit_id, in_full(actor))
    return await session.scalar(query.with_for_update() if lock else query)


async def units(session: AsyncSession, actor: Actor, ids: Iterable[UUID]) -> list[tuple[Unit, bool]]:
    """Visible units of these, each with whether it is seen in full."""
    query = select(Unit, in_full(actor)).where(Unit.id.in_(list(ids)), visible(actor)).order_by(Unit.id)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def unit_by_id(session: AsyncSession, unit_id: UUID) -> Unit:
    """A unit that another row of intake names; for use inside intake."""
    return (await session.execute(select(Unit).where(Unit.id == unit_id))).scalar_one()


async def people(session: AsyncSession, actor: Actor, ids: Iterable[UUID]) -> list[Person]:
    """Visible persons of these: the actor's own self, and persons of units seen in full."""
    query = (
        select(Person)
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .where(
            Person.id.in_(list(ids)),
            or_(Person.id == actor.person_id, Person.city.in_(bureau_cities(actor)), in_full(actor)),
        )
        .order_by(Person.id)
    )
    return list(await session.scalars(query))


async def people_of_unit(session: AsyncSession, unit_id: UUID, ids: Iterable[UUID]) -> list[Person]:
    """Those of these persons who belong to the unit."""
    query = select(Person).where(Person.unit_id == unit_id, Person.id.in_(list(ids)))
    return list(await session.scalars(query))


async def names(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names by id; for use inside intake."""
    query = select(Person.id, Person.name).where(Person.id.in_(list(ids)))
    return {row[0]: row[1] for row in await session.execute(query)}


def _in_force(at: datetime) -> ColumnElement[bool]:
    begun = or_(Membership.valid_from.is_(None), Membership.valid_from <= at)
    not_ended = or_(Membership.valid_to.is_(None), Membership.valid_to > at)
    return begun & not_ended


async def memberships(session: AsyncSession, issuer: str, subject: str, at: datetime) -> list[Membership]:
    """What a login may do at an instant."""
    query = (
        select(Membership)
        .where(Membership.issuer == issuer, Membership.subject == subject, _in_force(at))
        .order_by(Membership.id)
    )
    return list(await session.scalars(query))


async def holds(
    session: AsyncSession,
    person_id: UUID,
    roles: Iterable[Role],
    city: str,
    unit_id: UUID | None,
    at: datetime,
) -> bool:
    """Does a membership give this person one of the roles there, at this instant?

    A login may stand for one person in each of several cities; all its memberships count.
    """
    own = select(Membership.issuer, Membership.subject).where(Membership.person_id == person_id)
    query = select(Membership.id).where(
        tuple_(Membership.issuer, Membership.subject).in_(own),
        Membership.role.in_([role.value for role in roles]),
        Membership.city == city,
        _in_force(at),
    )
    if unit_id is not None:
        query = query.where(Membership.unit_id == unit_id)
    return (await session.scalar(query.limit(1))) is not None


async def person(session: AsyncSession, person_id: UUID) -> Person | None:
    """One person; for use inside intake."""
    return await session.scalar(select(Person).where(Person.id == person_id))
