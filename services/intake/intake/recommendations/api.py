"""Doors of recommendations, and the one door at which quota settles old holds."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request

from common.actor import Actor
from common.auth import SignedInDep, requires, services
from common.client import ClientDep
from common.db import DatabaseDep, ReadSessionDep, SessionDep
from common.idempotency import IdempotentRoute
from common.roles import Role
from common.tables import KEY_LENGTH
from intake.recommendations import service, settling
from intake.recommendations.schemas import (
    IdsIn,
    RecommendationOut,
    RecommendationsOut,
    RecommendIn,
    RecommendOut,
    SettleIn,
    SettleOut,
    WithdrawIn,
)

# recommending answers a repeated key with the state of its recommendation, not with a stored answer
routes = APIRouter(prefix="/v1", tags=["recommendations"])
commands = APIRouter(prefix="/v1", tags=["recommendations"], route_class=IdempotentRoute)

RecommenderDep = Annotated[Actor, Depends(requires(Role.recommender))]
QuotaDep = Annotated[Actor, Depends(services("quota"))]
KeyHeader = Annotated[str | None, Header(min_length=1, max_length=KEY_LENGTH)]


@routes.post("/applications/{application_id}/recommend")
async def recommend(
    request: Request,
    database: DatabaseDep,
    client: ClientDep,
    actor: RecommenderDep,
    application_id: UUID,
    _wanted: RecommendIn,
    idempotency_key: KeyHeader = None,
) -> RecommendOut:
    """Recommend an application: assessed, given a place, and advanced; or refused with its findings."""
    expiry = timedelta(seconds=request.app.state.settings.recommendation_expiry_s)
    return await service.recommend(
        database, client, actor, application_id, key=idempotency_key, expiry=expiry
    )


@commands.post("/recommendations/{recommendation_id}/withdraw")
async def withdraw(
    session: SessionDep, actor: RecommenderDep, recommendation_id: UUID, wanted: WithdrawIn
) -> RecommendationOut:
    """Take a recommendation back before the close; its place becomes free."""
    return service.present(await service.withdraw(session, actor, recommendation_id, wanted))


@routes.post("/recommendations/batch")
async def batch(session: ReadSessionDep, actor: SignedInDep, wanted: IdsIn) -> RecommendationsOut:
    """Recommendations by id."""
    return RecommendationsOut(items=await service.many(session, actor, wanted.ids))


@routes.post("/holds/{subject}/settle")
async def settle(database: DatabaseDep, actor: QuotaDep, subject: UUID, _wanted: SettleIn) -> SettleOut:
    """Committed, or void for good; for quota's sweep."""
    return SettleOut(outcome=await settling.settle(database, actor, subject))


router = APIRouter()
router.include_router(routes)
router.include_router(commands)
