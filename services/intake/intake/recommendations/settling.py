"""Undoing recommendations: settling old holds for quota, expiry, withdrawal of the application."""

from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.db import ALL_CITIES, Database, cities
from common.jobs import enqueue
from intake.recommendations import queries, states
from intake.recommendations.models import Recommendation
from intake.recommendations.states import RecommendationState

EXPIRE_JOB = "intake.expire_recommendation"
CONFIRM_JOB = "intake.confirm_hold"
GIVE_BACK_JOB = "intake.void_hold"
_GIVEN_BACK = "void"


def payload(recommendation: Recommendation) -> dict[str, Any]:
    """What the jobs of a recommendation are told."""
    return {"recommendation_id": recommendation.id, "city": recommendation.city}


async def void(session: AsyncSession, recommendation: Recommendation, reason: str) -> None:
    """Void a try that is opening and give back what it may hold; the caller holds its lock."""
    states.advance(recommendation, "void")
    recommendation.reason = reason
    recommendation.closed_at = clock.business()
    await give_back(session, recommendation)


async def give_back(session: AsyncSession, recommendation: Recommendation) -> None:
    """Ask for the job that gives the place back, and note that nothing is held any more."""
    if recommendation.hold is not None:
        recommendation.hold = {**recommendation.hold, "state": _GIVEN_BACK}
    await enqueue(session, GIVE_BACK_JOB, payload(recommendation), key=f"void/{recommendation.id}")


async def release(
    session: AsyncSession, actor: Actor, application_id: UUID, reason: str, before_close: bool
) -> None:
    """The application is withdrawn: its recommendation too, or the try that is being decided.

    A place held for it becomes free before the close; later it stays taken, or a unit could exchange a
    project after the deadline (inventory section 6.3). The caller holds the application's lock."""
    opened = await queries.open_of(session, application_id)
    recommendation = await queries.get(session, opened.id, lock=True) if opened else None
    if recommendation is None:
        return
    if recommendation.state == RecommendationState.opening:
        await void(session, recommendation, "withdrawn")
    elif recommendation.state == RecommendationState.recommended:
        await take_back(session, recommendation, reason, frees=before_close)
    await record(session, actor, recommendation, "recommendation.withdrawn", {"with": "application"})


async def take_back(
    session: AsyncSession, recommendation: Recommendation, reason: str, *, frees: bool = True
) -> None:
    """Withdraw what was recommended, and free its place where it `frees`; the caller holds its lock."""
    states.advance(recommendation, "withdraw")
    recommendation.reason = reason
    recommendation.closed_at = clock.business()
    if recommendation.hold is not None and frees:
        await give_back(session, recommendation)


async def settle(db: Database, actor: Actor, subject: UUID) -> Literal["committed", "void"]:
    """What became of a hold's subject; answering `void` makes it so for good.

    Looks across all cities: a wrong city in the caller's token must not void what stands.
    """
    async with db.write(ALL_CITIES) as session:
        recommendation = await queries.get(session, subject, lock=True)
        if recommendation is None:
            await queries.bury(session, subject, min(actor.cities, default="000000"))
            return "void"
        if recommendation.state == RecommendationState.opening:
            states.advance(recommendation, "void")
            recommendation.reason = "settled"
            recommendation.closed_at = clock.business()
            await record(session, actor, recommendation, "recommendation.voided", {"by": "settle"})
        return "committed" if _committed(recommendation) else "void"


def holds_place(recommendation: Recommendation) -> bool:
    """Is a place due to it: recommended with one, or withdrawn after the close (it stays taken)?"""
    if recommendation.hold is None or recommendation.hold["state"] == _GIVEN_BACK:
        return False
    return recommendation.state in (RecommendationState.recommended, RecommendationState.withdrawn)


def _committed(recommendation: Recommendation) -> bool:
    return recommendation.state == RecommendationState.recommended or holds_place(recommendation)


async def stands(db: Database, city: str, recommendation_id: UUID) -> bool:
    """Was it recommended, and is its place not given back since?"""
    async with db.read(cities(city)) as session:
        found = await queries.get(session, recommendation_id)
        return found is not None and _committed(found)


async def expire(db: Database, city: str, recommendation_id: UUID) -> None:
    """Void a try that nobody finished, and give back what it may hold."""
    async with db.write(cities(city)) as session:
        recommendation = await queries.get(session, recommendation_id, lock=True)
        if recommendation is not None and recommendation.state == RecommendationState.opening:
            await void(session, recommendation, "expired")
            actor = Actor(caller="intake", cities=cities(city))
            await record(session, actor, recommendation, "recommendation.voided", {"by": "expiry"})


async def record(
    session: AsyncSession,
    actor: Actor,
    recommendation: Recommendation,
    action: str,
    data: dict[str, Any] | None = None,
) -> None:
    """An audit row about a recommendation."""
    await audit.record(
        session,
        actor,
        action=action,
        object_type="recommendation",
        object_id=recommendation.id,
        city=recommendation.city,
        application_id=recommendation.application_id,
        data={"row": recommendation.row, "state": recommendation.state, **(data or {})},
    )
