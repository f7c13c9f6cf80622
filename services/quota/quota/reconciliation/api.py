"""Doors for the operator who compares the owners; nobody else's."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from common.actor import Actor
from common.auth import services
from common.client import ClientDep
from common.db import ALL_CITIES, DatabaseDep, ReadSessionDep
from common.pagination import Page
from quota.reconciliation import queries, service
from quota.reconciliation.schemas import CitiesOut, GuideLines, HoldLine, Nothing, PoolLine, Settled

router = APIRouter(prefix="/v1/reconciliation", tags=["reconciliation"])

OperatorDep = Annotated[Actor, Depends(services("operator"))]
Cursor = Annotated[str | None, Query(max_length=500)]
Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("/cities")
async def read_cities(database: DatabaseDep, _actor: OperatorDep) -> CitiesOut:
    """The cities that have quota tables here."""
    async with database.read(ALL_CITIES) as session:
        return CitiesOut(cities=await queries.cities(session))


@router.get("/holds")
async def holds(
    session: ReadSessionDep, _actor: OperatorDep, cursor: Cursor = None, limit: Limit = 500
) -> Page[HoldLine]:
    """Holds by subject, tombstones included."""
    return await service.holds(session, cursor, limit)


@router.get("/pools")
async def pools(
    session: ReadSessionDep, _actor: OperatorDep, cursor: Cursor = None, limit: Limit = 500
) -> Page[PoolLine]:
    """Pools by key: counter, sum of the ledger, sum of the live holds."""
    return await service.pools(session, cursor, limit)


@router.get("/guides")
async def guides(session: ReadSessionDep, _actor: OperatorDep) -> GuideLines:
    """Versions whose quota tables are here."""
    return GuideLines(items=await service.versions(session))


@router.post("/holds/{subject}/settle")
async def settle(
    database: DatabaseDep, client: ClientDep, actor: OperatorDep, subject: UUID, _wanted: Nothing
) -> Settled:
    """Ask intake what became of this hold, whatever its age and state, and do as it says."""
    return await service.settle(database, client, actor, subject)
