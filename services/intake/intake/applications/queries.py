"""Reading applications. Every query on them takes the actor; what the actor may not see is not there."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, literal_column, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from common.actor import Actor
from common.errors import FieldError
from common.pagination import BadCursor, decode_cursor
from common.roles import Role
from intake.applications.models import Application, Attempt, Member
from intake.applications.states import AttemptState, State, Step, Transition, awaiting
from intake.people.queries import team_sources

BUREAU = (Role.officer, Role.formal_reviewer, Role.bureau_head, Role.finance, Role.auditor)
UNIT = (Role.applicant, Role.department_manager, Role.project_leader)

_OPEN_COLUMNS = {"unit_id", "recommending_unit_id"}

# reviews adds the query of the applications that a person is assigned to as an expert
expert_sources: list[Callable[[UUID], Select[UUID]]] = []


def _cities(actor: Actor, roles: Sequence[Role]) -> list[str]:
    return sorted({grant.city for grant in actor.grants if grant.role in roles})


def openly(actor: Actor) -> ColumnElement[bool]:
    """Applications that the actor sees with unit and team: the unit's own, those that the actor's unit
    recommends (from submission on), and for the bureau all of its city."""
    if actor.is_service:
        return true()
    own, recommending = actor.units(*UNIT), actor.units(Role.recommender)
    return or_(
        Application.city.in_(_cities(actor, BUREAU)),
        Application.unit_id.in_(own) if own else false(),
        # not by its state: a draft that was withdrawn has never been sent
        Application.recommending_unit_id.in_(recommending) & Application.received_at.is_not(None)
        if recommending
        else false(),
    )


def _teams(actor: Actor) -> Select[UUID]:
    """Persons in the teams of applications that the actor sees with their team."""
    query = select(Member.person_id).join(Application, Application.id == Member.application_id)
    return query.where(openly(actor))


team_sources.append(_teams)


def visible(actor: Actor) -> ColumnElement[bool]:
    """Applications that the actor sees at all; an expert those assigned, without unit and team."""
    parts = [openly(actor)]
    if actor.person_id is not None and actor.has(Role.expert):
        parts += [Application.id.in_(source(actor.person_id)) for source in expert_sources]
    return or_(*parts)


async def get(session: AsyncSession, actor: Actor, application_id: UUID) -> Application | None:
    """One visible application with its team."""
    query = select(Application).where(Application.id == application_id, visible(actor))
    return await session.scalar(query.options(selectinload(Application.members)))


async def locked(session: AsyncSession, application_id: UUID, actor: Actor | None) -> Application | None:
    """One application with its team, held for the transaction; visible to the actor if there is one."""
    query = select(Application).where(Application.id == application_id)
    if actor is not None:
        query = query.where(visible(actor))
    query = query.options(selectinload(Application.members)).with_for_update()
    return await session.scalar(query.execution_options(populate_existing=True))


async def many(session: AsyncSession, actor: Actor, ids: Iterable[UUID]) -> list[Application]:
    """Visible applications of these."""
    query = select(Application).where(Application.id.in_(list(ids)), visible(actor))
    found = await session.scalars(query.options(selectinload(Application.members)).order_by(Application.id))
    return list(found)


async def seen_openly(session: AsyncSession, actor: Actor, ids: Iterable[UUID]) -> set[UUID]:
    """Those of these that the actor sees with unit and team."""
    query = select(Application.id).where(Application.id.in_(list(ids)), openly(actor))
    return set(await session.scalars(query))


async def search(
    session: AsyncSession,
    actor: Actor,
    *,
    equal: dict[str, Any],
    states: Sequence[State] | None,
    moves: Sequence[Transition] | None,
    text: str | None,
    first: int,
    after: str | None,
) -> list[Application]:
    """Up to `first` + 1 visible applications, newest first; `equal` maps columns to values.

    `moves`: those that one of them starts from, in a call that has it.
    """
    # who may not see the unit may not find by it either
    sight = openly(actor) if _OPEN_COLUMNS & equal.keys() else visible(actor)
    query = select(Application).where(sight)
    for column, value in equal.items():
        if value is not None:
            query = query.where(getattr(Application, column) == value)
    if states is not None:
        query = query.where(Application.state.in_([state.value for state in states]))
    if moves is not None:
        query = query.where(or_(false(), *(_before(move) for move in moves)))
    if text:
        query = query.where(Application.title.icontains(text, autoescape=True))
    if after is not None:
        query = query.where(Application.id < _position(after))
    query = query.order_by(Application.id.desc()).limit(first + 1)
    return list(await session.scalars(query.options(selectinload(Application.members))))


def _before(move: Transition) -> ColumnElement[bool]:
    """Applications that a move starts from, in a call that has it."""
    found = Application.state == move.source.value
    if move.uses:
        found &= Application.steps.contains([step.value for step in move.uses])
    if move.without:
        found &= ~Application.steps.overlap([step.value for step in move.without])
    return found


def _position(cursor: str) -> UUID:
    try:
        return UUID(str(decode_cursor(cursor, "application")["application"]))
    except ValueError as error:
        raise BadCursor(errors=[FieldError("/after", "cursor", "not a cursor")]) from error


async def others_of_unit(session: AsyncSession, application: Application) -> list[Application]:
    """The unit's other applications of the same call that were handed in and not withdrawn (QZ-4-5a); what is
    granted directly was never applied for (HY-SGN-04)."""
    query = select(Application).where(
        Application.unit_id == application.unit_id,
        Application.guide == application.guide,
        Application.id != application.id,
        Application.state.not_in([state.value for state in _GONE]),
        ~Application.steps.contains([Step.direct_grant.value]),
    )
    return list(await session.scalars(query.order_by(Application.id)))


_GONE: Final = (State.draft, State.withdrawn, State.deemed_given_up)


def _count_others(application: Application, *conditions: ColumnElement[bool]) -> Select[int]:
    """How many other applications of the call that were handed in and not withdrawn."""
    return select(func.count()).where(
        Application.guide == application.guide,
        Application.id != application.id,
        Application.state.not_in([state.value for state in _GONE]),
        *conditions,
    )


async def count_on_platform(session: AsyncSession, application: Application, platform: str) -> int:
    """Other applications of the call on this platform, whoever's they are; named as `parties.comparable`."""
    normal = func.normalize(Application.form["platform.id"].astext, literal_column("NFKC"))
    on_it = func.regexp_replace(normal, r"\s", "", "g") == platform
    return await session.scalar(_count_others(application, on_it)) or 0


async def count_recommended(session: AsyncSession, application: Application) -> int:
    """Other applications of the call that the same unit has recommended, or may now recommend."""
    may_be = [_before(move) for state in State for move in awaiting(state, "recommend")]
    query = _count_others(
        application,
        Application.recommending_unit_id == application.recommending_unit_id,
        or_(Application.recommendation_id.is_not(None), *may_be),
    )
    return await session.scalar(query) or 0


async def attempt_by_key(session: AsyncSession, application_id: UUID, key: str) -> Attempt | None:
    """The attempt that a request with this key made."""
    query = select(Attempt).where(Attempt.application_id == application_id, Attempt.idempotency_key == key)
    return await session.scalar(query)


async def attempt(session: AsyncSession, attempt_id: UUID, *, lock: bool = False) -> Attempt | None:
    """One attempt; for use inside intake."""
    query = select(Attempt).where(Attempt.id == attempt_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def attempts(session: AsyncSession, actor: Actor, ids: Iterable[UUID]) -> list[Attempt]:
    """Attempts of applications that the actor sees with unit and team."""
    query = (
        select(Attempt)
        .join(Application, Application.id == Attempt.application_id)
        .where(Attempt.id.in_(list(ids)), openly(actor))
        .order_by(Attempt.id)
    )
    return list(await session.scalars(query))


async def is_open(session: AsyncSession, application_id: UUID) -> bool:
    """Is an attempt of this application being decided?"""
    query = select(Attempt.id).where(
        Attempt.application_id == application_id, Attempt.state == AttemptState.open.value
    )
    return (await session.scalar(query)) is not None


async def team(session: AsyncSession, application_id: UUID) -> list[Member]:
    """The team, in order."""
    query = select(Member).where(Member.application_id == application_id).order_by(Member.position)
    return list(await session.scalars(query))
