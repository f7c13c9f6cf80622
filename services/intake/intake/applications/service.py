"""Applications: drafting, the team, reading, withdrawing, opening once more."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import NotFound
from common.pagination import encode_cursor
from common.roles import Role
from guide.window import Window
from intake.applications import in_force, queries, states
from intake.applications.models import Application
from intake.applications.schemas import (
    AllowedActionOut,
    ApplicationOut,
    ApplicationPage,
    Failure,
    MemberOut,
    SearchIn,
)
from intake.calls import service as calls
from intake.guides import packs
from intake.guides import service as guides
from intake.people import service as people_service

Withdrawing = Callable[[AsyncSession, Actor, UUID, str, bool], Awaitable[None]]
withdrawing: list[Withdrawing] = []
"""What later steps undo in the transaction of a withdrawal, such as giving back a place; the flag says
whether the call has not closed yet."""


async def windows(session: AsyncSession, rows: Iterable[Application]) -> dict[str, Window]:
    """The windows of these applications' calls."""
    return await calls.windows(session, (row.guide for row in rows))


async def present(session: AsyncSession, actor: Actor, rows: Sequence[Application]) -> list[ApplicationOut]:
    """Applications as this actor may see them, in the given order; their teams must be loaded."""
    found = await windows(session, rows)
    steps = await in_force.steps(session, rows)
    openly = await queries.seen_openly(session, actor, [row.id for row in rows])
    return [
        _out(
            row,
            actor,
            found.get(row.guide),
            steps[row.id],
            row.form if row.id in openly else await _blind(session, row),
            openly=row.id in openly,
        )
        for row in rows
    ]


async def _blind(session: AsyncSession, row: Application) -> dict[str, Any]:
    """The form for who may not learn whose it is; nothing of it before it was handed in."""
    if row.pack_version is None:
        return {}
    return packs.blind(await guides.pack(session, row.guide, row.pack_version), row.form)


async def present_one(session: AsyncSession, actor: Actor, row: Application) -> ApplicationOut:
    """One application as this actor may see it."""
    return (await present(session, actor, [row]))[0]


def _out(
    row: Application,
    actor: Actor,
    window: Window | None,
    steps: Sequence[str],
    form: dict[str, Any],
    *,
    openly: bool,
) -> ApplicationOut:
    actions = states.allowed_actions(row, actor, clock.business(), window, steps)
    return ApplicationOut(
        id=row.id,
        city=row.city,
        guide=row.guide,
        pack_version=row.pack_version,
        category=row.category,
        steps=[states.Step(one) for one in steps],
        unit_id=row.unit_id if openly else None,
        title=row.title,
        form=form,
        leader_id=row.leader_id if openly else None,
        members=[MemberOut(person_id=one.person_id, role=one.role) for one in row.members] if openly else [],
        state=states.State(row.state),
        revision=row.revision,
        created_by=row.created_by if openly else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        received_at=row.received_at,
        attempt_id=row.attempt_id,
        attempt_open=row.open_attempt_id is not None,
        bundle_id=row.bundle_id,
        # assessments quote names; a reason in words may
        assessments={stage: UUID(found) for stage, found in row.assessments.items()} if openly else {},
        pending=row.pending,
        office=row.office,
        recommending_unit_id=row.recommending_unit_id if openly else None,
        recommendation_id=row.recommendation_id if openly else None,
        failure=Failure.model_validate(row.failure) if row.failure and openly else None,
        allowed_actions=[AllowedActionOut.model_validate(one) for one in actions],
    )


async def visible(session: AsyncSession, actor: Actor, application_id: UUID) -> Application:
    """
    Raises:
        NotFound: not there for this actor.
    """
    row = await queries.get(session, actor, application_id)
    if row is None:
        raise NotFound
    return row


async def locked(session: AsyncSession, actor: Actor, application_id: UUID) -> Application:
    """The row for update, with its team.

    Raises:
        NotFound: not there for this actor.
    """
    row = await queries.locked(session, application_id, actor)
    if row is None:
        raise NotFound
    return row


async def batch(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> list[ApplicationOut]:
    """Visible applications of these."""
    return await present(session, actor, await queries.many(session, actor, ids))


async def search(session: AsyncSession, actor: Actor, asked: SearchIn) -> ApplicationPage:
    """A page of the applications that the actor may see, newest first."""
    equal = asked.model_dump(
        include={"guide", "category", "unit_id", "recommending_unit_id", "office"}, exclude_none=True
    )
    rows = await queries.search(
        session,
        actor,
        equal=equal,
        states=asked.states,
        moves=None
        if asked.awaiting is None
        else [move for one in asked.awaiting for move in states.awaiting(one.state, one.action)],
        text=asked.text,
        first=asked.first,
        after=asked.after,
    )
    page = rows[: asked.first]
    more = len(rows) > asked.first
    return ApplicationPage(
        items=await present(session, actor, page),
        next_cursor=encode_cursor({"application": page[-1].id}) if more else None,
    )


async def record(
    session: AsyncSession, actor: Actor, row: Application, action: str, data: dict[str, Any]
) -> None:
    """An audit row about an application, with its state and revision."""
    await audit.record(
        session,
        actor,
        action=action,
        object_type="application",
        object_id=row.id,
        city=row.city,
        application_id=row.id,
        data={"state": row.state, "revision": row.revision, **data},
    )


async def withdraw(session: AsyncSession, actor: Actor, application_id: UUID, reason: str) -> ApplicationOut:
    """Take an application back; what later steps hold for it is given back in the same transaction.

    Raises:
        NotFound: not there for this actor.
        MoveRefused: too late, or a submission is being decided.
    """
    row = await locked(session, actor, application_id)
    await people_service.confirm(session, actor, Role.applicant, city=row.city, unit_id=row.unit_id)
    found = await windows(session, [row])
    now, call = clock.business(), found.get(row.guide)
    states.check(row, "withdraw", actor, now, call)
    before_close = states.window_reason(call, now) != "window_closed"
    for undo in withdrawing:
        await undo(session, actor, row.id, reason, before_close)
    states.advance(row, "withdraw")
    row.pending = False
    row.fail_with("intake.withdrawn", [], reason)
    row.touch(clock.business())
    await record(session, actor, row, "application.withdrawn", {})
    return await present_one(session, actor, row)


class NothingToReopen(states.MoveRefused):
    code = "intake.nothing_to_reopen"
    title_zh, title_en = (
        "只有因迟到的审查结果退回的申报可以重开一次",
        ("Only an application returned by a late assessment can be reopened, once"),
    )


async def reopen(session: AsyncSession, actor: Actor, application_id: UUID, reason: str) -> ApplicationOut:
    """Allow one submission after the close, where a late assessment of ours returned the application.

    Raises:
        NotFound: not there for this actor.
        NothingToReopen: returned for another reason, or reopened before.
    """
    row = await locked(session, actor, application_id)
    await people_service.confirm(session, actor, Role.officer, city=row.city)
    found = await windows(session, [row])
    states.check(row, "reopen", actor, clock.business(), found.get(row.guide))
    # the row's own failure may be a later attempt's; what counts is how the admitted one ended
    admitted = await queries.attempt(session, row.attempt_id) if row.attempt_id is not None else None
    refused = admitted is not None and admitted.state == states.AttemptState.refused
    if not refused or row.reopened_at is not None:
        raise NothingToReopen
    states.advance(row, "reopen")
    row.reopened, row.reopened_at, row.reopened_reason = True, clock.business(), reason
    row.touch(clock.business())
    await record(session, actor, row, "application.reopened", {})
    return await present_one(session, actor, row)
