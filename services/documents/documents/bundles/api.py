"""Sealing for intake; batch reads for all."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from common.actor import Actor
from common.auth import PublicDep, services
from common.db import DatabaseDep, ReadSessionDep
from documents.bundles import service
from documents.bundles.schemas import BundleIn, BundlesOut, SealedOut
from documents.files.schemas import IdsIn

# not IdempotentRoute: the bundle's own id makes it repeatable, and a repeated call must hear the texts that
# have been read since
router = APIRouter(prefix="/v1", tags=["bundles"])
IntakeDep = Annotated[Actor, Depends(services("intake"))]


@router.post("/bundles", status_code=201)
async def seal(body: BundleIn, actor: IntakeDep, db: DatabaseDep, response: Response) -> SealedOut:
    """Seal what had been handed in at `as_of`. The same id again: 200 with the same manifest."""
    found, made = await service.seal(db, actor, body)
    if not made:
        response.status_code = 200
    return found


@router.post("/bundles/batch")
async def read_many(body: IdsIn, actor: PublicDep, session: ReadSessionDep) -> BundlesOut:
    """Sealed bundles by id, without facts; experts see the blind files alone."""
    return BundlesOut(items=await service.many(session, actor, body.ids))
