"""The two transactions of a submission: opening the attempt, and deciding it.

Both hold the application's row first, then the attempt's. What happens between them is in `submission`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from common import audit, jobs
from common.actor import Actor
from common.clock import clock
from common.errors import Conflict, NotFound, RevisionMismatch, constraint_error
from common.idempotency import KeyReused
from common.ids import new_id
from common.roles import Role
from intake.applications import queries, service, states
from intake.applications.models import Application, Attempt
from intake.applications.states import AttemptState, State
from intake.clients import AssessmentAnswer, ChecklistLine, SealedBundle
from intake.guides import packs
from intake.guides import service as guides
from intake.people import queries as people
from intake.people import service as people_service

FINISH_JOB = "intake.finish_attempt"
ASSESSMENT_REFUSED = "intake.assessment_refused"
MATERIALS_MISSING = "intake.materials_missing"
REVISION_CHANGED = "intake.revision_changed"
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
class Verdict:
    """What the calls between the two transactions came to.

    `late`: the window's reason against the attempt, known to intake itself. `answer`: None where eligibility
    was away. `complete`: nothing that matters was away. `missing`: required materials that were not there at
    the instant of arrival.
    """

    late: str | None
    answer: AssessmentAnswer | None
    bundle: SealedBundle | None
    complete: bool
    missing: tuple[ChecklistLine, ...] = ()

    @property
    def refuses(self) -> bool:
        assessed = self.answer is not None and self.answer.decision.decision == "refuse"
        return self.late is not None or assessed or bool(self.missing)


# the first transaction


async def open_attempt(
    session: AsyncSession, actor: Actor, order: Order, delay: timedelta
) -> tuple[UUID, bool]:
    """Write the attempt and the job that would finish it; or find the one that there is.

    Returns:
        The attempt's id, and whether it is a new one.

    Raises:
        NotFound: not there for this actor.
        KeyReused: the key came with another body before.
        MoveRefused: not in this state, or not the actor's to do.
        RevisionMismatch: changed since the applicant read it.
        CallNotPublished: no version of the call is in force.
    """
    row = await service.locked(session, actor, order.application_id)
    known = await queries.attempt_by_key(session, row.id, order.key)
    if known is not None:
        if known.body_hash != order.body_hash:
            raise KeyReused
        return known.id, False
    if row.open_attempt_id is not None:
        return row.open_attempt_id, False
    await _check(session, actor, row, order)
    pack = await guides.current(session, row.guide)
    if pack is None:
        raise guides.CallNotPublished
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
    await _record(session, actor, row, attempt, "attempt.opened")
    return attempt.id, True


async def _check(session: AsyncSession, actor: Actor, row: Application, order: Order) -> None:
    await people_service.confirm(session, actor, Role.applicant, city=row.city, unit_id=row.unit_id)
    found = await service.windows(session, [row])
    reason = states.reason_against(
        states.Situation(row, actor, order.received_at, found.get(row.guide)), "submit"
    )
    # what comes outside the window is an attempt too, and is answered with the clause
    if reason is not None and reason not in _OUTSIDE_WINDOW:
        raise states.refused(reason, row, "submit")
    if row.revision != order.expected_revision:
        raise RevisionMismatch(extra={"revision": row.revision})


# the second transaction


async def decide(session: AsyncSession, attempt_id: UUID, verdict: Verdict) -> AttemptState:
    """Apply a verdict to an attempt that is open or pending; a decided one stays as it is.

    Raises:
        NotFound: no such attempt.
    """
    seen = await queries.attempt(session, attempt_id)
    row = await queries.locked(session, seen.application_id, None) if seen else None
    attempt = await queries.attempt(session, attempt_id, lock=True)
    if row is None or attempt is None:
        raise NotFound
    state = AttemptState(attempt.state)
    if state == AttemptState.open:
        await _decide_open(session, row, attempt, verdict)
    elif state == AttemptState.admitted_pending:
        await _complete(session, row, attempt, verdict)
    return AttemptState(attempt.state)


async def _decide_open(session: AsyncSession, row: Application, attempt: Attempt, verdict: Verdict) -> None:
    now = clock.business()
    actor = _author(attempt)
    row.open_attempt_id = None
    if row.revision != attempt.application_revision:
        attempt.failure = {"code": REVISION_CHANGED, "rules": [], "reason": None}
        await _refuse(session, row, attempt, actor, now)
        return
    _note(attempt, verdict)
    if verdict.refuses:
        attempt.failure = _failure(verdict)
        await _refuse(session, row, attempt, actor, now)
        return
    states.advance(row, "submit")
    attempt.state = (AttemptState.admitted if verdict.complete else AttemptState.admitted_pending).value
    attempt.decided_at = now
    row.attempt_id, row.received_at = attempt.id, attempt.received_at
    row.pack_version = attempt.pack_version
    row.failure, row.reopened, row.pending = None, False, not verdict.complete
    _pin(row, attempt)
    row.touch(now)
    await _record(session, actor, row, attempt, "application.submitted")


async def _refuse(
    session: AsyncSession, row: Application, attempt: Attempt, actor: Actor, now: datetime
) -> None:
    attempt.state, attempt.decided_at = AttemptState.refused.value, now
    row.failure = attempt.failure
    row.touch(now)
    await _record(session, actor, row, attempt, "attempt.refused")


async def _complete(session: AsyncSession, row: Application, attempt: Attempt, verdict: Verdict) -> None:
    """The late assessment of an attempt that was admitted in time while an owner was away."""
    now = clock.business()
    if not (verdict.refuses or verdict.complete):
        return
    actor = _author(attempt)
    waits = row.attempt_id == attempt.id and row.pending
    _note(attempt, verdict)
    attempt.decided_at = now
    if waits:
        row.pending = False
        _pin(row, attempt)
        row.touch(now)
    if not verdict.refuses:
        attempt.state = AttemptState.admitted.value
        await _record(session, actor, row, attempt, "application.completed")
        return
    attempt.state, attempt.failure = AttemptState.refused.value, _failure(verdict)
    if waits and row.state == State.submitted.value:
        states.advance(row, "complete", "refused")
        row.failure = attempt.failure
    await _record(session, actor, row, attempt, "application.returned_late")


def _note(attempt: Attempt, verdict: Verdict) -> None:
    """Keep what the decision stands on: an immutable snapshot, whoever owns the original."""
    if verdict.bundle is not None:
        attempt.bundle_id = verdict.bundle.id
        attempt.manifest_sha256 = verdict.bundle.manifest_sha256
    if verdict.answer is not None:
        attempt.assessment_id = verdict.answer.id
        attempt.assessment = verdict.answer.model_dump(mode="json")


def _pin(row: Application, attempt: Attempt) -> None:
    row.bundle_id = attempt.bundle_id
    if attempt.assessment_id is not None:
        row.rely_on("submission", attempt.assessment_id)


def _failure(verdict: Verdict) -> dict[str, Any]:
    rules = verdict.answer.decision.rules if verdict.answer else []
    if verdict.late is not None:
        words = states.REASONS[verdict.late]
        return {"code": f"intake.{verdict.late}", "rules": rules, "reason": words.zh}
    reason = None
    if verdict.missing:
        names = "；".join(f"{line.material} {line.name_zh}" for line in verdict.missing)
        reason = f"缺少必备材料：{names}"
    assessed = verdict.answer is not None and verdict.answer.decision.decision == "refuse"
    return {"code": ASSESSMENT_REFUSED if assessed else MATERIALS_MISSING, "rules": rules, "reason": reason}


def _author(attempt: Attempt) -> Actor:
    """Who began the attempt; jobs act for them."""
    return Actor(
        caller="intake",
        subject=attempt.submitted_by,
        person_id=attempt.person_id,
        login_kind=attempt.login_kind,
        cities=frozenset({attempt.city}),
    )


async def _record(
    session: AsyncSession, actor: Actor, row: Application, attempt: Attempt, action: str
) -> None:
    await audit.record(
        session,
        actor,
        action=action,
        object_type="attempt",
        object_id=attempt.id,
        city=row.city,
        application_id=row.id,
        data={
            "attempt_state": attempt.state,
            "state": row.state,
            "received_at": attempt.received_at.isoformat(),
            "assessment_id": str(attempt.assessment_id) if attempt.assessment_id else None,
            "rules": (attempt.failure or {}).get("rules", []),
        },
    )


def window_of(attempt: Attempt, window: packs.Window) -> str | None:
    """The window's reason against an attempt; None where it came in time."""
    return states.window_reason(window, attempt.received_at)
