"""Reading people: seen by their own unit, by the unit that recommends it, and by the bureau."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from common.actor import Actor
from common.pagination import cursor_id
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

# applications adds the query of the persons in the teams of those that the actor sees with their team
team_sources: list[Callable[[Actor], Select[UUID]]] = []


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


async def is_unit_of(session: AsyncSession, unit_id: UUID, city: str) -> bool:
    """Is there this unit in this city?"""
    query = select(Unit.id).where(Unit.id == unit_id, Unit.city == city)
    return (await session.scalar(query)) is not None


def known(actor: Actor) -> ColumnElement[bool]:
    """Persons (joined with their unit) that the actor sees: the own self, persons of units seen in full, and
    the teams of applications seen with them, wherever the members are now."""
    return or_(
        Person.id == actor.person_id,
        Person.city.in_(bureau_cities(actor)),
        in_full(actor),
        *(Person.id.in_(source(actor)) for source in team_sources),
    )


async def people(session: AsyncSession, actor: Actor, ids: Iterable[UUID]) -> list[Person]:
    """Visible persons of these."""
    query = select(Person).outerjoin(Unit, Unit.id == Person.unit_id)
    query = query.where(Person.id.in_(list(ids)), known(actor)).order_by(Person.id)
    return list(await session.scalars(query))


async def search_units(
    session: AsyncSession,
    actor: Actor,
    *,
    city: str | None,
    text: str | None,
    recommending_unit_id: UUID | None,
    first: int,
    after: str | None,
) -> list[Unit]:
    """Up to `first` + 1 units seen in full, oldest first."""
    query = select(Unit).where(in_full(actor))
    if city is not None:
        query = query.where(Unit.city == city)
    if text is not None:
        query = query.where(or_(Unit.name.icontains(text, autoescape=True), Unit.uscc == text))
    if recommending_unit_id is not None:
        query = query.where(Unit.recommending_unit_id == recommending_unit_id)
    if after is not None:
        query = query.where(Unit.id > cursor_id(after, "unit"))
    return list(await session.scalars(query.order_by(Unit.id).limit(first + 1)))


async def search_people(
    session: AsyncSession,
    actor: Actor,
    *,
    city: str | None,
    unit_id: UUID | None,
    text: str | None,
    indexes: Iterable[bytes] | None,
    first: int,
    after: str | None,
) -> list[Person]:
    """Up to `first` + 1 visible persons, oldest first; `indexes`: of one resident id."""
    query = select(Person).outerjoin(Unit, Unit.id == Person.unit_id).where(known(actor))
    if city is not None:
        query = query.where(Person.city == city)
    if unit_id is not None:
        query = query.where(Person.unit_id == unit_id)
    if text is not None:
        query = query.where(Person.name.icontains(text, autoescape=True))
    if indexes is not None:
        query = query.where(Person.resident_id_index.in_(list(indexes)))
    if after is not None:
        query = query.where(Person.id > cursor_id(after, "person"))
    return list(await session.scalars(query.order_by(Person.id).limit(first + 1)))


async def people_of_unit(session: AsyncSession, unit_id: UUID, ids: Iterable[UUID]) -> list[Person]:
    """Those of these persons who belong to the unit."""
    query = select(Person).where(Person.unit_id == unit_id, Person.id.in_(list(ids)))
    return list(await session.scalars(query))


async def names(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names by id; for use inside intake."""
    query = select(Person.id, Person.name).where(Person.id.in_(list(ids)))
    return {row[0]: row[1] for row in await session.execute(query)}


def in_force(at: datetime) -> ColumnElement[bool]:
    begun = or_(Membership.valid_from.is_(None), Membership.valid_from <= at)
    not_ended = or_(Membership.valid_to.is_(None), Membership.valid_to > at)
    return begun & not_ended


async def memberships(session: AsyncSession, issuer: str, subject: str, at: datetime) -> list[Membership]:
    """What a login may do at an instant."""
    query = (
        select(Membership)
        .where(Membership.issuer == issuer, Membership.subject == subject, in_force(at))
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
        in_force(at),
    )
    if unit_id is not None:
        query = query.where(Membership.unit_id == unit_id)
    return (await session.scalar(query.limit(1))) is not None


async def person(session: AsyncSession, person_id: UUID) -> Person | None:
    """One person; for use inside intake."""
    return await session.scalar(select(Person).where(Person.id == person_id))


async def own_persons(session: AsyncSession, actor: Actor) -> set[UUID]:
    """The actor's rows: one in each city where the login has ever stood for a person."""
    if actor.person_id is None:
        return set()
    own = select(Membership.issuer, Membership.subject).where(Membership.person_id == actor.person_id)
    query = select(Membership.person_id).where(tuple_(Membership.issuer, Membership.subject).in_(own))
    return {actor.person_id, *await session.scalars(query)}


async def person_locked(session: AsyncSession, person_id: UUID) -> Person | None:
    """One person for update, as the row stands now."""
    query = select(Person).where(Person.id == person_id).with_for_update()
    return await session.scalar(query.execution_options(populate_existing=True))


async def carrying(session: AsyncSession, city: str, indexes: Iterable[bytes]) -> list[Person]:
    """The city's persons whose resident id has one of these indexes."""
    query = select(Person).where(Person.city == city, Person.resident_id_index.in_(list(indexes)))
    return list(await session.scalars(query))


async def standing(session: AsyncSession, person_id: UUID, at: datetime) -> set[tuple[str, str, UUID | None]]:
    """Role, city and unit of every membership that this person's logins hold at an instant."""
    own = select(Membership.issuer, Membership.subject).where(Membership.person_id == person_id)
    query = select(Membership.role, Membership.city, Membership.unit_id).where(
        tuple_(Membership.issuer, Membership.subject).in_(own), in_force(at)
    )
    return {(row[0], row[1], row[2]) for row in await session.execute(query)}
