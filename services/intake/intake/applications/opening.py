"""The first transaction of a submission: writing the attempt, with the job that would finish it.

It holds the application's row. What follows is in `submission`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from common import jobs
from common.actor import Actor
from common.errors import Conflict, RevisionMismatch, constraint_error
from common.idempotency import KeyReused
from common.ids import new_id
from common.roles import Role
from guide import Pack
from guide.window import Window
from intake.applications import facts, in_force, queries, service, states
from intake.applications.attempts import FINISH_JOB, record
from intake.applications.models import Application, Attempt
from intake.applications.states import AttemptState
from intake.calls import service as calls
from intake.guides import packs
from intake.guides import service as guides
from intake.people import queries as people
from intake.people import service as people_service

_OUTSIDE_WINDOW = ("window_closed", "window_not_open")


class AttemptTaken(Conflict):
    """Another request has opened the attempt at this very moment; look it up."""

    code = "intake.attempt_taken"
    title_zh, title_en = "提交已由另一请求发起", "Another request has opened the attempt"


constraint_error("uq_attempts_open_application_id", AttemptTaken)
constraint_error("uq_attempts_application_id_idempotency_key", AttemptTaken)


@dataclass(frozen=True, slots=True)
class Order:
    """One request to submit. `received_at`: business time at which it arrived."""

    application_id: UUID
    expected_revision: int
    key: str
    received_at: datetime

    @property
    def body_hash(self) -> str:
        body = {"application_id": str(self.application_id), "expected_revision": self.expected_revision}
        return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new attempt, the application as it was opened for (it cannot change meanwhile), and the pack."""

    attempt: Attempt
    application: Application
    pack: Pack


@dataclass(frozen=True, slots=True)
class Opened:
    """The attempt that a request leads to; `fresh` where this request opened it."""

    attempt_id: UUID
    fresh: Fresh | None = None


async def open_attempt(session: AsyncSession, actor: Actor, order: Order, delay: timedelta) -> Opened:
    """Write the attempt and the job that would finish it; or find the one that there is.

    Args:
        delay: when the job looks, counted from the commit.

    Returns:
        The attempt; and the application and the pack that a new one is to be judged by.

    Raises:
        NotFound: not there for this actor.
        KeyReused: the key came with another body before.
        MoveRefused: not in this state, or not the actor's to do.
        RevisionMismatch: changed since the applicant read it.
        CallNotPublished: no version of the call is in force.
        CategoryUnknown: the version in force has dropped the category.
        FactsContradict: form or profile say different things about one fact.
    """
    row = await service.locked(session, actor, order.application_id)
    known = await queries.attempt_by_key(session, row.id, order.key)
    if known is not None:
        if known.body_hash != order.body_hash:
            raise KeyReused
        return Opened(known.id)
    if row.open_attempt_id is not None:
        return Opened(row.open_attempt_id)
    pack = await guides.current(session, row.guide)
    window = await calls.window(session, pack) if pack is not None else None
    if pack is not None and row.state in in_force.DRAFTING:
        in_force.demand_category(pack, row.category)
        # before the check: the move must exist by the steps with which the application goes on
        row.steps = packs.steps(pack, row.category)
    await _check(session, actor, row, order, window)
    if pack is None:
        raise guides.CallNotPublished
    await facts.demand_agreement(session, row, pack)
    unit = await people.unit_by_id(session, row.unit_id)
    row.recommending_unit_id = unit.recommending_unit_id
    attempt = Attempt(
        id=new_id(),
        city=row.city,
        application_id=row.id,
        state=AttemptState.open.value,
        # an application that was opened once more came in time when it first came
        received_at=row.received_at if row.reopened and row.received_at else order.received_at,
        filed_at=order.received_at,
        idempotency_key=order.key,
        body_hash=order.body_hash,
        application_revision=row.revision,
        submitted_by=actor.label,
        person_id=actor.person_id,
        login_kind=actor.login_kind_in(row.city, Role.applicant),
        pack_version=pack.version,
    )
    session.add(attempt)
    row.open_attempt_id = attempt.id
    await jobs.enqueue(session, FINISH_JOB, {"attempt_id": str(attempt.id)}, key=str(attempt.id), delay=delay)
    await record(session, actor, row, attempt, "attempt.opened")
    return Opened(attempt.id, Fresh(attempt, row, pack))


async def _check(
    session: AsyncSession, actor: Actor, row: Application, order: Order, window: Window | None
) -> None:
    await people_service.confirm(session, actor, Role.applicant, city=row.city, unit_id=row.unit_id)
    reason = states.reason_against(states.Situation(row, actor, order.received_at, window), "submit")
    # what comes outside the window is an attempt too, and is answered with the clause
    if reason is not None and reason not in _OUTSIDE_WINDOW:
        raise states.refused(reason, row, "submit")
    if row.revision != order.expected_revision:
        raise RevisionMismatch(extra={"revision": row.revision})
