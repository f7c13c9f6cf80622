"""The second transaction of a submission: deciding the attempt that `opening` has written.

It holds the application's row first, then the attempt's. What happens between the two is in `submission`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit, jobs
from common.actor import Actor
from common.clock import clock
from common.errors import NotFound
from guide.window import Window
from intake.applications import queries, states
from intake.applications.facts import FactsContradict
from intake.applications.models import Application, Attempt
from intake.applications.states import AttemptState, State
from intake.clients import AssessmentAnswer, ChecklistLine, SealedBundle

FINISH_JOB = "intake.finish_attempt"
ASSESSMENT_REFUSED = "intake.assessment_refused"
MATERIALS_MISSING = "intake.materials_missing"
REVISION_CHANGED = "intake.revision_changed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the calls between the two transactions came to.

    `late`: the window's reason against the attempt, known to intake itself. `answer`: None where eligibility
    was away. `complete`: nothing that matters was away. `missing`: required materials that were not there at
    the instant of arrival. `contradiction`: where what is stated contradicts itself, so that nobody answers.
    """

    late: str | None
    answer: AssessmentAnswer | None
    bundle: SealedBundle | None
    complete: bool
    missing: tuple[ChecklistLine, ...] = ()
    contradiction: str | None = None

    @property
    def assessed(self) -> bool:
        """Does the assessment refuse?"""
        return self.answer is not None and self.answer.decision.decision == "refuse"

    @property
    def refuses(self) -> bool:
        faulty = self.contradiction is not None or bool(self.missing)
        return self.late is not None or self.assessed or faulty


async def decide(session: AsyncSession, known: Attempt, verdict: Verdict) -> tuple[Application, Attempt]:
    """Apply a verdict to an attempt that is open or pending; a decided one stays as it is.

    Returns:
        Both rows as they now are, held for the rest of the transaction.

    Raises:
        NotFound: no such attempt.
    """
    row = await queries.locked(session, known.application_id, None)
    attempt = await queries.attempt(session, known.id, lock=True)
    if row is None or attempt is None:
        raise NotFound
    state = AttemptState(attempt.state)
    if state == AttemptState.open:
        await _decide_open(session, row, attempt, verdict)
    elif state == AttemptState.admitted_pending:
        await _complete(session, row, attempt, verdict)
    if attempt.state in (AttemptState.admitted.value, AttemptState.refused.value):
        await jobs.withdraw(session, FINISH_JOB, key=str(attempt.id))
    return row, attempt


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
    await record(session, actor, row, attempt, "application.submitted")


async def _refuse(
    session: AsyncSession, row: Application, attempt: Attempt, actor: Actor, now: datetime
) -> None:
    attempt.state, attempt.decided_at = AttemptState.refused.value, now
    row.failure = attempt.failure
    row.touch(now)
    await record(session, actor, row, attempt, "attempt.refused")


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
        await record(session, actor, row, attempt, "application.completed")
        return
    attempt.state, attempt.failure = AttemptState.refused.value, _failure(verdict)
    if waits and row.state == State.submitted.value:
        states.advance(row, "complete", "refused")
        row.failure = attempt.failure
    await record(session, actor, row, attempt, "application.returned_late")


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
    # an answer that does not refuse names what is open, which has refused nobody
    rules = verdict.answer.decision.rules if verdict.answer is not None and verdict.assessed else []
    if verdict.late is not None:
        words = states.REASONS[verdict.late]
        return {"code": f"intake.{verdict.late}", "rules": rules, "reason": words.zh}
    if verdict.contradiction is not None:
        return {"code": FactsContradict.code, "rules": rules, "reason": verdict.contradiction}
    reason = None
    if verdict.missing:
        names = "；".join(f"{line.material} {line.name_zh}" for line in verdict.missing)
        reason = f"缺少必备材料：{names}"
    code = ASSESSMENT_REFUSED if verdict.assessed else MATERIALS_MISSING
    return {"code": code, "rules": rules, "reason": reason}


def _author(attempt: Attempt) -> Actor:
    """Who began the attempt; jobs act for them."""
    return Actor(
        caller="intake",
        subject=attempt.submitted_by,
        person_id=attempt.person_id,
        login_kind=attempt.login_kind,
        cities=frozenset({attempt.city}),
    )


async def record(
    session: AsyncSession, actor: Actor, row: Application, attempt: Attempt, action: str
) -> None:
    """An audit row about an attempt and the application it belongs to."""
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


def window_of(attempt: Attempt, window: Window) -> str | None:
    """The window's reason against an attempt; None where it came in time."""
    return states.window_reason(window, attempt.received_at)
