"""Reading memberships: administrators and auditors see a city's, others their own and their unit's."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from common.actor import Actor
from common.pagination import cursor_id
from common.roles import Role
from intake.people.models import FormerPeriod, Membership
from intake.people.queries import in_force

OVERSEERS = (Role.membership_administrator, Role.auditor)


def visible(actor: Actor, own: Iterable[UUID]) -> ColumnElement[bool]:
    """Memberships that the actor sees; `own`: the actor's rows of persons."""
    if actor.is_service:
        return true()
    managed = actor.units(Role.department_manager)
    return or_(
        Membership.city.in_(sorted(actor.cities_as(OVERSEERS))),
        Membership.person_id.in_(list(own)),
        Membership.unit_id.in_(managed) if managed else false(),
    )


async def many(
    session: AsyncSession, actor: Actor, own: Iterable[UUID], ids: Iterable[UUID]
) -> list[Membership]:
    """Visible memberships of these."""
    query = select(Membership).where(Membership.id.in_(list(ids)), visible(actor, own))
    return list(await session.scalars(query.order_by(Membership.id)))


async def search(
    session: AsyncSession,
    actor: Actor,
    own: Iterable[UUID],
    *,
    city: str | None,
    person_ids: list[UUID] | None,
    unit_id: UUID | None,
    role: Role | None,
    at: datetime | None,
    first: int,
    after: str | None,
) -> list[Membership]:
    """Up to `first` + 1 visible memberships, oldest first; `at`: those in force then."""
    query = select(Membership).where(visible(actor, own))
    if city is not None:
        query = query.where(Membership.city == city)
    if person_ids is not None:
        query = query.where(Membership.person_id.in_(person_ids))
    if unit_id is not None:
        query = query.where(Membership.unit_id == unit_id)
    if role is not None:
        query = query.where(Membership.role == role.value)
    if at is not None:
        query = query.where(in_force(at))
    if after is not None:
        query = query.where(Membership.id > cursor_id(after, "membership"))
    return list(await session.scalars(query.order_by(Membership.id).limit(first + 1)))


async def city_of(session: AsyncSession, membership_id: UUID) -> str | None:
    """The city of a membership, None where there is none such."""
    return await session.scalar(select(Membership.city).where(Membership.id == membership_id))


async def locked(session: AsyncSession, membership_id: UUID) -> Membership:
    """One membership for update, as it stands now."""
    query = select(Membership).where(Membership.id == membership_id).with_for_update()
    found = await session.execute(query.execution_options(populate_existing=True))
    return found.scalar_one()


async def same(session: AsyncSession, wanted: Membership) -> Membership | None:
    """The row that has the login, role, city and unit of this one, for update."""
    query = select(Membership).where(
        Membership.issuer == wanted.issuer,
        Membership.subject == wanted.subject,
        Membership.role == wanted.role,
        Membership.city == wanted.city,
        Membership.unit_id.is_not_distinct_from(wanted.unit_id),
    )
    return await session.scalar(query.with_for_update())


async def other_person(session: AsyncSession, wanted: Membership, at: datetime) -> bool:
    """Does the login, by a membership that has not ended, stand for another person of the city?"""
    query = select(Membership.id).where(
        Membership.issuer == wanted.issuer,
        Membership.subject == wanted.subject,
        Membership.city == wanted.city,
        Membership.person_id != wanted.person_id,
        or_(Membership.valid_to.is_(None), Membership.valid_to > at),
    )
    return (await session.scalar(query.limit(1))) is not None


async def for_unit(session: AsyncSession, person_id: UUID, unit_id: UUID, at: datetime) -> list[Membership]:
    """A person's memberships for a unit that have not ended, for update."""
    query = select(Membership).where(
        Membership.person_id == person_id,
        Membership.unit_id == unit_id,
        or_(Membership.valid_to.is_(None), Membership.valid_to > at),
    )
    return list(await session.scalars(query.order_by(Membership.id).with_for_update()))


async def administrators(session: AsyncSession, city: str, *, lock: bool = False) -> list[Membership]:
    """Every membership that gives, gave or will give the administrator's role in a city.

    Locking them lets one change of memberships after the other happen in a city.
    """
    query = select(Membership).where(
        Membership.city == city, Membership.role == Role.membership_administrator.value
    )
    query = query.order_by(Membership.id)
    found = await session.scalars(query.with_for_update() if lock else query)
    return list(found)


async def former(session: AsyncSession, ids: Iterable[UUID]) -> list[FormerPeriod]:
    """Earlier periods of these memberships, oldest first."""
    query = select(FormerPeriod).where(FormerPeriod.membership_id.in_(list(ids)))
    return list(await session.scalars(query.order_by(FormerPeriod.valid_to, FormerPeriod.id)))
