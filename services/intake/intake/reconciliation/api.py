"""Doors for the operator who compares the owners; nobody else's."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query

from common.actor import Actor
from common.auth import services
from common.client import ClientDep
from common.db import ALL_CITIES, DatabaseDep, ReadSessionDep, SessionDep
from common.pagination import Page
from intake.reconciliation import feed, queries, service
from intake.reconciliation.schemas import (
    ApplicationLine,
    AttemptLine,
    AwardPublished,
    CitiesOut,
    FeedOut,
    GuideLines,
    Nothing,
    RecommendationLine,
    Restaged,
    Retaken,
)

# repeatable by what they name, so without idempotency keys
router = APIRouter(prefix="/v1/reconciliation", tags=["reconciliation"])

OperatorDep = Annotated[Actor, Depends(services("operator"))]
Cursor = Annotated[str | None, Query(max_length=500)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Version = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


@router.get("/cities")
async def read_cities(database: DatabaseDep, _actor: OperatorDep) -> CitiesOut:
    """The cities that have a guide here."""
    async with database.read(ALL_CITIES) as session:
        return CitiesOut(cities=await queries.cities(session))


@router.get("/recommendations")
async def recommendations(
    session: ReadSessionDep, _actor: OperatorDep, cursor: Cursor = None, limit: Limit = 500
) -> Page[RecommendationLine]:
    """Recommendations by id, and what place each may claim."""
    return await service.recommendations(session, cursor, limit)


@router.get("/attempts")
async def attempts(
    session: ReadSessionDep, _actor: OperatorDep, cursor: Cursor = None, limit: Limit = 500
) -> Page[AttemptLine]:
    """Attempts by id, and the sealed bundle of each."""
    return await service.attempts(session, cursor, limit)


@router.get("/applications")
async def applications(
    session: ReadSessionDep, _actor: OperatorDep, cursor: Cursor = None, limit: Limit = 500
) -> Page[ApplicationLine]:
    """Applications by id, and the assessments that decisions about each stand on."""
    return await service.applications(session, cursor, limit)


@router.get("/guides")
async def guides(session: ReadSessionDep, _actor: OperatorDep) -> GuideLines:
    """Versions that the other services must have."""
    return GuideLines(items=await service.versions(session))


@router.get("/feed")
async def compare_feed(
    database: DatabaseDep, actor: OperatorDep, city: Annotated[str, Query(pattern=r"^\d{6}$")]
) -> FeedOut:
    """Numbers, digests and chain of a city's feed, and its awards against it."""
    return await feed.compare(database, min(actor.in_city(city).cities))


@router.post("/recommendations/{recommendation_id}/retake")
async def retake(
    database: DatabaseDep, client: ClientDep, actor: OperatorDep, recommendation_id: UUID, _wanted: Nothing
) -> Retaken:
    """Take the place of a recommendation that stands again, where quota has lost it."""
    return await service.retake(database, client, actor, recommendation_id)


@router.post("/guides/{guide}/versions/{version}/restage")
async def restage(
    database: DatabaseDep,
    client: ClientDep,
    actor: OperatorDep,
    guide: str,
    version: Version,
    _wanted: Nothing,
) -> Restaged:
    """Hand a version to eligibility, documents and quota again."""
    return await service.restage(database, client, actor, guide, version)


@router.post("/awards/{award_id}/publish")
async def publish_award(
    session: SessionDep, actor: OperatorDep, award_id: UUID, _wanted: Nothing
) -> AwardPublished:
    """Put an award on the list that was never there."""
    return await service.publish_award(session, actor, award_id)
