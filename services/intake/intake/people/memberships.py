"""Memberships: granting and ending what a login may do. Nothing is deleted; former periods stay readable."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import Conflict, FieldError, NotFound, RevisionMismatch, Unprocessable, constraint_error
from common.ids import new_id
from common.pagination import encode_cursor
from common.roles import Role
from intake.people import membership_queries as queries
from intake.people import queries as people
from intake.people import service
from intake.people.membership_schemas import (
    EndIn,
    GrantIn,
    MembershipOut,
    MembershipPage,
    MembershipSearch,
    Period,
)
from intake.people.models import FormerPeriod, Membership
from intake.people.schemas import ActionOut

UNIT_ROLES = (Role.applicant, Role.department_manager, Role.recommender, Role.project_leader)


class MembershipRefused(Unprocessable):
    code = "intake.membership_invalid"
    title_zh, title_en = "成员资格有误", "The membership is not valid"


class MembershipExists(Conflict):
    code = "intake.membership_exists"
    title_zh, title_en = "此登录账号已有该角色", "The login has this role already"


class MembershipEnded(Conflict):
    code = "intake.membership_ended"
    title_zh, title_en = "成员资格已终止", "The membership has ended already"


class LastAdministrator(Conflict):
    code = "intake.last_administrator"
    title_zh, title_en = "不能终止本市最后一名成员管理员", "A city keeps its last membership administrator"


constraint_error("uq_memberships_issuer_subject_role_city_unit_id", MembershipExists)


async def grant(session: AsyncSession, actor: Actor, wanted: GrantIn) -> MembershipOut:
    """Give a person's login a role in the person's city; never in another one.

    Raises:
        NotFound: no such person in a city that the actor administers.
        MembershipRefused: no such unit there, a role without its unit, a period that cannot be, or the login
            stands for somebody else.
        MembershipExists: the login has it already, or its new period begins before the former one has ended.
    """
    person = await people.person(session, wanted.person_id)
    if person is None:
        raise NotFound
    await service.administer(session, actor, person.city)
    await queries.administrators(session, person.city, lock=True)
    row = Membership(
        id=new_id(),
        city=person.city,
        revision=1,
        created_at=clock.business(),
        **wanted.model_dump(exclude={"role"}),
        role=wanted.role.value,
    )
    if wanted.unit_id is not None and not await people.is_unit_of(session, wanted.unit_id, person.city):
        raise MembershipRefused(errors=[FieldError("/unit_id", "unit", "no such unit in this city")])
    granted = await put(session, row)
    await record(session, actor, granted, "membership.granted")
    return (await present(session, actor, [granted]))[0]


async def put(session: AsyncSession, wanted: Membership) -> Membership:
    """Write a new membership, or a new period of one that has ended; the city's administrators are locked.

    Raises:
        MembershipRefused, MembershipExists: as `grant`.
    """
    now = clock.business()
    _check(wanted)
    if await queries.other_person(session, wanted, now):
        fault = FieldError("/subject", "login", "the login stands for another person here")
        raise MembershipRefused(errors=[fault])
    held = await queries.same(session, wanted)
    if held is None:
        session.add(wanted)
        await session.flush()
        return wanted
    begins = wanted.valid_from or now
    if held.valid_to is None or held.valid_to > begins:
        raise MembershipExists(extra={"membership_id": str(held.id)})
    session.add(former_of(held))
    held.person_id, held.login_kind = wanted.person_id, wanted.login_kind
    held.valid_from, held.valid_to = begins, wanted.valid_to
    held.revision += 1
    await session.flush()
    return held


def former_of(held: Membership) -> FormerPeriod:
    """The period of a membership that is about to be granted anew."""
    return FormerPeriod(
        id=new_id(),
        city=held.city,
        membership_id=held.id,
        person_id=held.person_id,
        valid_from=held.valid_from,
        valid_to=held.valid_to,
    )


def _check(wanted: Membership) -> None:
    if wanted.unit_id is None and wanted.role in UNIT_ROLES:
        raise MembershipRefused(errors=[FieldError("/unit_id", "unit", "this role is held for a unit")])
    begins = wanted.valid_from or clock.business()
    if wanted.valid_to is not None and wanted.valid_to <= begins:
        raise MembershipRefused(errors=[FieldError("/valid_to", "period", "ends before it begins")])


async def end(
    session: AsyncSession, actor: Actor, membership_id: UUID, revision: int, asked: EndIn
) -> MembershipOut:
    """End a membership, now or at an instant to come; what is past stays as it was.

    Raises:
        NotFound: not there in a city that the actor administers.
        RevisionMismatch: changed since it was read.
        MembershipEnded: it has ended, or will before.
        MembershipRefused: an instant that is past.
        LastAdministrator: nobody else would administer the city then.
    """
    city = await queries.city_of(session, membership_id)
    if city is None:
        raise NotFound
    await service.administer(session, actor, city)
    await queries.administrators(session, city, lock=True)  # before the row, as everybody does
    row = await queries.locked(session, membership_id)
    if row.revision != revision:
        raise RevisionMismatch(extra={"revision": row.revision})
    now = clock.business()
    at = asked.at or now
    if at < now:
        raise MembershipRefused(errors=[FieldError("/at", "period", "what is past cannot be ended")])
    if row.valid_to is not None and row.valid_to <= at:
        raise MembershipEnded
    await stop(session, row, at)
    await record(session, actor, row, "membership.ended")
    return (await present(session, actor, [row]))[0]


async def stop(session: AsyncSession, row: Membership, at: datetime) -> None:
    """Let a locked membership end at an instant; one that has not begun by then never does.

    Raises:
        LastAdministrator
    """
    row.valid_to = at if row.valid_from is None else max(at, row.valid_from)
    row.revision += 1
    await session.flush()
    if row.role == Role.membership_administrator.value:
        await keep_an_administrator(session, row.city, row.valid_to)


async def keep_an_administrator(session: AsyncSession, city: str, at: datetime) -> None:
    """
    Raises:
        LastAdministrator: at that instant no membership gives the administrator's role in the city.
    """
    if not any(
        _state(one, at) == "in_force" for one in await queries.administrators(session, city, lock=True)
    ):
        raise LastAdministrator


async def batch(session: AsyncSession, actor: Actor, ids: Iterable[UUID]) -> list[MembershipOut]:
    """Visible memberships of these."""
    own = await people.own_persons(session, actor)
    return await present(session, actor, await queries.many(session, actor, own, ids))


async def search(session: AsyncSession, actor: Actor, asked: MembershipSearch) -> MembershipPage:
    """A page of the memberships that the actor sees, ended ones included."""
    found = await queries.search(
        session,
        actor,
        await people.own_persons(session, actor),
        at=clock.business() if asked.in_force else None,
        **asked.model_dump(exclude={"in_force"}),
    )
    page, more = found[: asked.first], len(found) > asked.first
    return MembershipPage(
        items=await present(session, actor, page),
        next_cursor=encode_cursor({"membership": page[-1].id}) if more else None,
    )


async def present(session: AsyncSession, actor: Actor, rows: Sequence[Membership]) -> list[MembershipOut]:
    """Memberships as this actor may see them."""
    now, former = clock.business(), dict[UUID, list[Period]]()
    for one in await queries.former(session, [row.id for row in rows]):
        period = Period(valid_from=one.valid_from, valid_to=one.valid_to)
        former.setdefault(one.membership_id, []).append(period)
    return [
        MembershipOut(
            id=row.id,
            city=row.city,
            person_id=row.person_id,
            issuer=row.issuer,
            subject=row.subject,
            role=Role(row.role),
            unit_id=row.unit_id,
            login_kind=row.login_kind,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            state=_state(row, now),
            former=former.get(row.id, []),
            revision=row.revision,
            allowed_actions=_actions(actor, row, now),
        )
        for row in rows
    ]


def _state(row: Membership, at: datetime) -> Literal["coming", "in_force", "ended"]:
    if row.valid_to is not None and row.valid_to <= at:
        return "ended"
    return "coming" if row.valid_from is not None and row.valid_from > at else "in_force"


def _actions(actor: Actor, row: Membership, now: datetime) -> list[ActionOut]:
    if not service.administers(actor, row.city):
        return []
    if _state(row, now) != "ended":
        return [ActionOut(action="end", allowed=True)]
    words = MembershipEnded
    return [
        ActionOut(
            action="end", allowed=False, reason=words.code, reason_zh=words.title_zh, reason_en=words.title_en
        )
    ]


async def record(session: AsyncSession, actor: Actor, row: Membership, action: str) -> None:
    """An audit row about a membership."""
    await audit.record(
        session,
        actor,
        action=action,
        object_type="membership",
        object_id=row.id,
        city=row.city,
        data=summary(row),
    )


def summary(row: Membership) -> dict[str, object]:
    """What an audit row says of a membership: ids, role and instants, not the login."""
    return {
        "person_id": str(row.person_id),
        "role": row.role,
        "unit_id": str(row.unit_id) if row.unit_id else None,
        "valid_from": row.valid_from.isoformat() if row.valid_from else None,
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
        "revision": row.revision,
    }
