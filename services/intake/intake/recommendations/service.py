"""Recommending (推荐): assess, hold, commit, settle.

1. `open_`: the recommendation is written with its expiry job in one transaction; its id is the key of the
   steps below.
2. Without a transaction: eligibility assesses, then quota holds a place. A refused assessment takes none.
3. `_commit`: lock, check that it is still opening and the application unchanged, advance, enqueue confirm.
4. `settling`: quota asks about an old hold; the lock of the recommendation decides against a late commit.

A crash or a lost answer between two steps leaves an opening recommendation: a retry goes on with it, its
expiry voids it, or quota's sweep settles it. So no place is oversold, and none is lost for good.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import faults
from common.actor import Actor
from common.client import ServiceClient
from common.clock import clock
from common.db import Database
from common.errors import Conflict, NotFound, constraint_error
from common.idempotency import KeyReused
from common.ids import derived_id, new_id
from common.jobs import enqueue
from common.roles import Role
from guide import Pack
from intake.applications import facts as gathering
from intake.applications import queries as applications
from intake.applications import service as application_service
from intake.applications.facts import Fact
from intake.applications.models import Application
from intake.applications.states import advance as advance_application
from intake.applications.states import find
from intake.people import queries as people
from intake.people.service import confirm
from intake.recommendations import judging, queries, settling, states
from intake.recommendations.judging import Verdict
from intake.recommendations.models import Recommendation
from intake.recommendations.schemas import RecommendationOut, RecommendOut, WithdrawIn
from intake.recommendations.states import RecommendationState, RecommendationVoid
from intake.reviews.service import check, pack_of

OPENING = faults.point("intake.recommend.opening")
OPENED = faults.point("intake.recommend.opened")
HELD = faults.point("intake.recommend.held")
CLOSING = faults.point("intake.recommend.closing")
CLOSED = faults.point("intake.recommend.closed")


class RecommendationOpen(Conflict):
    code = "intake.recommendation_open"
    title_zh, title_en = "该项目已有进行中的推荐", "A recommendation of this application is open"


constraint_error("uq_recommendations_open_application_id", RecommendationOpen)
constraint_error("uq_recommendations_created_by_idempotency_key", KeyReused)


async def recommend(
    db: Database,
    client: ServiceClient,
    actor: Actor,
    application_id: UUID,
    *,
    key: str | None,
    expiry: timedelta,
) -> RecommendOut:
    """Recommend an application, or go on with a try that was interrupted.

    Args:
        key: the caller's idempotency key; the same key finds the same recommendation.
        expiry: machine time after which an undecided try is void.

    Raises:
        NotFound, MoveRefused, Forbidden: as `reviews.service.begin`.
        KeyReused: the key was used for another application.
        OwnerUnavailable: eligibility or quota is away; repeat later.
        RecommendationVoid: it was settled as void meanwhile, or the application has changed.
    """
    async with db.write(actor) as session:
        recommendation, pack = await open_(session, actor, application_id, key, expiry)
        await faults.reach(OPENING)
    await faults.reach(OPENED)
    if recommendation.state == RecommendationState.opening:
        verdict = await judging.judge(db, client, actor, recommendation, pack)
        await faults.reach(HELD)
        async with db.write(actor) as session:
            recommendation = await _close(session, actor, recommendation.id, verdict)
            await faults.reach(CLOSING)
        await faults.reach(CLOSED)
    if recommendation.state == RecommendationState.void:
        raise RecommendationVoid(extra={"recommendation_id": str(recommendation.id)})
    async with db.read(actor) as session:
        return await _present(session, actor, recommendation)


async def open_(
    session: AsyncSession, actor: Actor, application_id: UUID, key: str | None, expiry: timedelta
) -> tuple[Recommendation, Pack]:
    """Step 1: find the earlier try or write a new one, with its expiry."""
    application = await application_service.locked(session, actor, application_id)
    known = await _earlier(session, actor, application, key)
    if known is not None:
        unit_id = application.recommending_unit_id
        actor.require(Role.recommender, city=application.city, unit_id=unit_id)
        await confirm(session, actor, Role.recommender, city=application.city, unit_id=unit_id)
        return known, await pack_of(session, application)
    await check(session, actor, application, "recommend", Role.recommender)
    pack = await pack_of(session, application)
    unit = await people.unit_by_id(session, application.unit_id)
    row = gathering.quota_row(pack, application.category, unit)
    now, fresh = clock.business(), new_id()
    recommendation = Recommendation(
        id=fresh,
        city=application.city,
        application_id=application.id,
        unit_id=application.recommending_unit_id,
        state=RecommendationState.opening.value,
        row=row,
        pool_key=f"{application.guide}/{row}" if row is not None else None,
        application_revision=application.revision,
        received_at=now,
        assessment_id=derived_id(fresh, "assessment"),
        idempotency_key=key,
        created_by=actor.label,
        created_at=now,
    )
    session.add(recommendation)
    await session.flush()
    await enqueue(
        session, settling.EXPIRE_JOB, settling.payload(recommendation), key=f"expire/{fresh}", delay=expiry
    )
    await settling.record(session, actor, recommendation, "recommendation.opened")
    return recommendation, pack


async def _earlier(
    session: AsyncSession, actor: Actor, application: Application, key: str | None
) -> Recommendation | None:
    """The try that this request goes on with: the one of its key, else the one that is being decided."""
    known = await queries.by_key(session, actor.label, key) if key is not None else None
    if known is not None and known.application_id != application.id:
        raise KeyReused
    if known is not None and known.state == RecommendationState.void:
        # nothing came of it: the key is free for another try
        known.idempotency_key = None
        await session.flush()
        known = None
    if known is not None:
        return known
    opened = await queries.open_of(session, application.id)
    return opened if opened is not None and opened.state == RecommendationState.opening else None


async def _close(
    session: AsyncSession, actor: Actor, recommendation_id: UUID, verdict: Verdict
) -> Recommendation:
    """Step 3: one transaction decides; what another has decided meanwhile stands."""
    found = await queries.get(session, recommendation_id)
    application = await applications.locked(session, found.application_id, None) if found else None
    recommendation = await queries.get(session, recommendation_id, lock=True)
    if recommendation is None or application is None:
        raise NotFound
    if recommendation.state == RecommendationState.void:
        await settling.give_back(session, recommendation)
    if recommendation.state != RecommendationState.opening:
        return recommendation
    recommendation.findings = verdict.findings
    recommendation.closed_at = clock.business()
    taken = verdict.taken
    if taken is None or taken.outcome in ("exhausted", "unknown_row"):
        await _refuse(session, actor, recommendation, application, verdict)
    elif taken.outcome != "void" and _unchanged(application, recommendation):
        recommendation.hold = taken.hold.model_dump(mode="json") if taken.hold else None
        await _commit(session, actor, recommendation, application)
    else:
        await settling.void(session, recommendation, "settled" if taken.outcome == "void" else "changed")
        await settling.record(session, actor, recommendation, "recommendation.voided")
    return recommendation


def _unchanged(application: Application, recommendation: Recommendation) -> bool:
    same = application.revision == recommendation.application_revision
    return same and find(application.state, "recommend", steps=application.steps) is not None


async def _commit(
    session: AsyncSession, actor: Actor, recommendation: Recommendation, application: Application
) -> None:
    states.advance(recommendation, "commit")
    advance_application(application, "recommend")
    application.recommendation_id = recommendation.id
    application.rely_on("recommendation", recommendation.assessment_id)
    application.failure = None
    application.touch(clock.business())
    await settling.record(session, actor, recommendation, "application.recommended")
    if recommendation.hold is not None:
        await enqueue(
            session,
            settling.CONFIRM_JOB,
            settling.payload(recommendation),
            key=f"confirm/{recommendation.id}",
        )


async def _refuse(
    session: AsyncSession,
    actor: Actor,
    recommendation: Recommendation,
    application: Application,
    verdict: Verdict,
) -> None:
    """The application stays where it is: another try is possible once what stood against it is mended."""
    states.advance(recommendation, "refuse")
    exhausted = verdict.taken is not None and verdict.taken.outcome == "exhausted"
    recommendation.reason = "place_exhausted" if exhausted else "assessment_refused"
    application.fail_with("intake.recommendation_refused", verdict.refusing, None)
    await settling.record(
        session, actor, recommendation, "recommendation.refused", {"rules": verdict.refusing}
    )


async def withdraw(
    session: AsyncSession, actor: Actor, recommendation_id: UUID, wanted: WithdrawIn
) -> Recommendation:
    """Take a recommendation back before the close; its place becomes free (inventory section 6.3).

    Raises:
        NotFound, MoveRefused, Forbidden: as `reviews.service.begin`.
        RecommendationClosed: it is not the one that stands.
    """
    known = await queries.get(session, recommendation_id)
    if known is None:
        raise NotFound
    application = await application_service.locked(session, actor, known.application_id)
    actor.require(Role.recommender, city=application.city, unit_id=application.recommending_unit_id)
    recommendation = await queries.get(session, recommendation_id, lock=True)
    if recommendation is None:
        raise NotFound
    await check(session, actor, application, "withdraw_recommendation", Role.recommender)
    await settling.take_back(session, recommendation, wanted.reason)
    advance_application(application, "withdraw_recommendation")
    application.recommendation_id = None
    application.touch(clock.business())
    await settling.record(session, actor, recommendation, "recommendation.withdrawn")
    return recommendation


async def many(session: AsyncSession, actor: Actor, ids: Iterable[UUID]) -> list[RecommendationOut]:
    """These recommendations, as far as the actor sees their applications with unit and team."""
    found = await queries.many(session, ids)
    seen = await applications.seen_openly(session, actor, {one.application_id for one in found})
    return [present(one) for one in found if one.application_id in seen]


def present(recommendation: Recommendation) -> RecommendationOut:
    return RecommendationOut.model_validate(recommendation)


async def _present(session: AsyncSession, actor: Actor, recommendation: Recommendation) -> RecommendOut:
    application = await applications.get(session, actor, recommendation.application_id)
    if application is None:
        raise NotFound
    shown = await application_service.present(session, actor, [application])
    findings: Sequence[dict[str, Any]] = recommendation.findings or []
    return RecommendOut(recommendation=present(recommendation), application=shown[0], findings=list(findings))


async def facts(session: AsyncSession, application: Application) -> list[Fact]:
    """What recommendations state about an application: when it was recommended."""
    if application.recommendation_id is None:
        return []
    found = await queries.get(session, application.recommendation_id)
    if found is None:
        return []
    at = found.received_at
    return [Fact("recommendation.received_at", at.isoformat(), "clock", at)]


gathering.contributors.append(facts)
application_service.withdrawing.append(settling.release)
