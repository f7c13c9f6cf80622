"""Taking, confirming and voiding, for services only; reading holds."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from common.actor import Actor
from common.auth import services
from common.db import DatabaseDep
from common.idempotency import IdempotentRoute
from quota.holds import service
from quota.holds.schemas import Confirmation, HoldList, HoldOrder, HoldOut, HoldsBatch, Voiding
from quota.scopes import READERS, city_of, reading_cities

router = APIRouter(prefix="/v1", tags=["holds"], route_class=IdempotentRoute)
reads = APIRouter(prefix="/v1", tags=["holds"])
HolderDep = Annotated[Actor, Depends(services("intake"))]
ReaderDep = Annotated[Actor, Depends(services("intake", "operator", roles=READERS))]


@router.post("/holds", status_code=201, responses={200: {"model": HoldOut, "description": "Held already"}})
async def take(database: DatabaseDep, actor: HolderDep, body: HoldOrder, response: Response) -> HoldOut:
    """Take all that is ordered, or nothing. The same subject again gets its hold again (200)."""
    hold, created = await service.take(database, actor, body)
    response.status_code = 201 if created else 200
    return hold


@router.post("/holds/{subject}/confirm")
async def confirm(
    database: DatabaseDep, actor: HolderDep, subject: UUID, body: Confirmation | None = None
) -> HoldOut:
    """The subject is committed: its hold stays."""
    wish = body or Confirmation()
    city = city_of(actor, wish.city)
    return await service.confirm(
        database, actor, subject, city=city, reason=wish.reason, decided_by=wish.decided_by
    )


@router.post("/holds/{subject}/void")
async def void(database: DatabaseDep, actor: HolderDep, subject: UUID, body: Voiding) -> HoldOut:
    """Free what the subject holds, for good; one that holds nothing can never take anything any more."""
    city = city_of(actor, body.city)
    return await service.void(
        database, actor, subject, city=city, reason=body.reason, decided_by=body.decided_by
    )


@reads.get("/holds/{subject}")
async def read(database: DatabaseDep, actor: ReaderDep, subject: UUID) -> HoldOut:
    """One hold."""
    async with database.read(reading_cities(actor, READERS)) as session:
        return await service.read(session, subject)


@reads.post("/holds/batch")
async def batch(database: DatabaseDep, actor: ReaderDep, body: HoldsBatch) -> HoldList:
    """Holds by subject; those missing or invisible are left out."""
    async with database.read(reading_cities(actor, READERS)) as session:
        return HoldList(items=await service.batch(session, body.subjects))
