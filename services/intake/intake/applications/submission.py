"""Submitting, safe at the deadline.

1. One transaction writes the attempt with the instant of arrival and the job that would finish it.
2. Without a transaction: documents seals a bundle as of that instant, eligibility assesses; all calls share
   one time budget.
3. A second transaction decides by the stage table. An attempt in time is never lost because an owner was
   away: it is admitted as pending, and the job completes it. Whether it came in time intake knows from the
   pack itself, so a late one is refused even when eligibility cannot say so.

A crash between 1 and 3 is finished by the same job. So are attempts that come while all seats of the desk are
taken: in the last minute step 1 goes before everything else.
"""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from common import faults
from common.actor import Actor
from common.client import ServiceClient
from common.db import ALL_CITIES, Database, cities
from common.errors import NotFound, OwnerUnavailable
from common.ids import derived_id
from common.jobs import JobContext
from common.log import log
from guide import Outcome, Pack, evaluate, nest
from intake import clients
from intake.applications import assessing, attempts, opening, queries, receipts
from intake.applications.attempts import Verdict
from intake.applications.desk import Desk
from intake.applications.facts import FactsContradict, Filing, Gathered, gather
from intake.applications.models import Attempt
from intake.applications.opening import Fresh, Opened, Order
from intake.applications.schemas import Submitted
from intake.applications.states import AttemptState
from intake.calls import service as calls
from intake.clients import AssessmentAnswer, Budget, Decision
from intake.jobs import jobs
from intake.settings import Settings

STAGE = "submission"
JOB_SECONDS = 10.0
OPENING = faults.point("intake.submit.opening")
OPENED = faults.point("intake.submit.opened")
JUDGED = faults.point("intake.submit.judged")
DECIDING = faults.point("intake.submit.deciding")
DECIDED = faults.point("intake.submit.decided")
_RECEIVED = "submission.received_at"


class StillPending(Exception):
    """An owner is still away; the job tries again, later each time."""


async def submit(
    db: Database, client: ServiceClient, settings: Settings, desk: Desk, actor: Actor, order: Order
) -> Submitted:
    """Submit an application.

    Returns:
        The attempt with its state: admitted, admitted_pending, refused (with the findings), or open where
        another request is deciding it or the job will.

    Raises:
        NotFound, KeyReused, MoveRefused, RevisionMismatch, CallNotPublished: as `opening.open_attempt`.
    """
    with desk.seat() as seated:
        opened = await _open(db, actor, order, timedelta(seconds=settings.finish_delay_s))
        if opened.fresh is not None and seated:
            return await _decide_now(db, client, actor, opened.fresh, Budget(settings.submit_budget_s))
    async with db.read(actor) as session:
        return await receipts.find(session, actor, opened.attempt_id)


async def _open(db: Database, actor: Actor, order: Order, delay: timedelta) -> Opened:
    try:
        async with db.write(actor) as session:
            opened = await opening.open_attempt(session, actor, order, delay)
            await faults.reach(OPENING)
        await faults.reach(OPENED)
        return opened
    except opening.AttemptTaken:
        # the unique constraint decided: another request was first, and its attempt is the one
        async with db.write(actor) as session:
            return await opening.open_attempt(session, actor, order, delay)


async def _decide_now(
    db: Database, client: ServiceClient, actor: Actor, fresh: Fresh, budget: Budget
) -> Submitted:
    """Steps 2 and 3 while the applicant waits; the application cannot change meanwhile."""
    try:
        async with db.read(actor) as session:
            known = await gather(session, fresh.application, fresh.pack, _filing(fresh.attempt))
            late = attempts.window_of(fresh.attempt, await calls.window(session, fresh.pack))
        verdict = await _judge(client, fresh.attempt, known, late, budget)
    except FactsContradict as error:
        verdict = _contradicting(error)
    await faults.reach(JUDGED)
    async with db.write(actor) as session:
        row, attempt = await attempts.decide(session, fresh.attempt, verdict)
        told = await receipts.answer(session, actor, row, attempt)
        await faults.reach(DECIDING)
    await faults.reach(DECIDED)
    _log(attempt)
    return told


async def finish(db: Database, client: ServiceClient, attempt_id: UUID, budget: Budget) -> AttemptState:
    """Steps 2 and 3 for an attempt that is open or pending, for the job; repeatable.

    Raises:
        NotFound: no such attempt.
    """
    async with db.read(ALL_CITIES) as session:
        attempt = await queries.attempt(session, attempt_id)
    if attempt is None:
        raise NotFound
    if attempt.state in (AttemptState.admitted.value, AttemptState.refused.value):
        return AttemptState(attempt.state)
    try:
        _, known = await assessing.read(
            db, attempt.application_id, attempt.city, _filing(attempt), version=attempt.pack_version
        )
        async with db.read(cities(attempt.city)) as session:
            late = attempts.window_of(attempt, await calls.window(session, known.pack))
        verdict = await _judge(client, attempt, known, late, budget)
    except FactsContradict as error:
        verdict = _contradicting(error)
    await faults.reach(JUDGED)
    async with db.write(cities(attempt.city)) as session:
        _, decided = await attempts.decide(session, attempt, verdict)
        await faults.reach(DECIDING)
    await faults.reach(DECIDED)
    _log(decided)
    return AttemptState(decided.state)


def _filing(attempt: Attempt) -> Filing:
    return Filing(attempt.received_at, attempt.login_kind, attempt.filed_at)


def _log(attempt: Attempt) -> None:
    log.info("attempt.decided", attempt_id=str(attempt.id), state=attempt.state)


async def _judge(
    client: ServiceClient, attempt: Attempt, known: Gathered, late: str | None, budget: Budget
) -> Verdict:
    papers, (used, no_places) = await asyncio.gather(
        assessing.sealed(client, known, attempt.id, attempt.filed_at, budget),
        assessing.places(client, known, budget),
    )
    away = (*papers.unavailable, *no_places)
    asked = assessing.body(
        known, STAGE, attempt.filed_at, _assessment_id(attempt, away), (*papers.facts, *used), away
    )
    try:
        answer: AssessmentAnswer | None = await clients.assess(
            client, asked, city=attempt.city, budget=budget
        )
    except OwnerUnavailable:
        answer = None
    if late is not None and answer is None:
        answer = judge_window(known.pack, known.category, attempt)
    complete = (
        answer is not None and papers.bundle is not None and answer.decision.decision != "admit_pending"
    )
    missing = tuple(line for line in papers.checklist if line.required and line.status == "missing")
    return Verdict(late, answer, papers.bundle, complete, missing)


def _contradicting(error: FactsContradict) -> Verdict:
    """Nobody answers a question that contradicts itself; were it not refused, the attempt would never end."""
    places = "；".join(one.pointer for one in error.errors)
    return Verdict(None, None, None, complete=True, contradiction=f"{error.title_zh}：{places}")


def _assessment_id(attempt: Attempt, away: tuple[str, ...]) -> UUID:
    """The same for the same attempt and the same owners away: a repeated step finds its first result."""
    return derived_id(attempt.id, "|".join((STAGE, *sorted(set(away)))))


def judge_window(pack: Pack, category: str, attempt: Attempt) -> AssessmentAnswer:
    """The findings on the window alone, from what intake knows itself; for when eligibility is away."""
    others = [name for name, fact in pack.facts.items() if name != _RECEIVED and fact.owner != "call"]
    found = evaluate(
        pack,
        category=category,
        stage=STAGE,
        as_of=attempt.filed_at,
        facts=nest({_RECEIVED: attempt.received_at.isoformat()}),
        unavailable=others,
    )
    failing = [
        one
        for one in found.findings
        if one.outcome is Outcome.fail and _RECEIVED in {fact.name for fact in one.facts_used}
    ]
    return AssessmentAnswer(
        id=None,
        stage=STAGE,
        eligible="not_eligible",
        findings=[one.as_dict() for one in failing],
        decision=Decision(decision="refuse", rules=[one.rule for one in failing]),
        pack_version=pack.version,
    )


@jobs.handler(attempts.FINISH_JOB)
async def finish_later(ctx: JobContext, payload: dict[str, Any]) -> None:
    """Job: finish an attempt that its request left open, or complete one that was admitted as pending."""
    state = await finish(ctx.db, ctx.client, UUID(payload["attempt_id"]), Budget(JOB_SECONDS))
    if state in (AttemptState.open, AttemptState.admitted_pending):
        raise StillPending
