"""Facts for intake."""

from typing import Annotated

from fastapi import APIRouter, Depends

from common.actor import Actor
from common.auth import services
from common.db import DatabaseDep
from documents.facts import service
from documents.facts.schemas import FactsIn, FactsOut

router = APIRouter(prefix="/v1", tags=["facts"])
IntakeDep = Annotated[Actor, Depends(services("intake"))]


@router.post("/facts")
async def take(body: FactsIn, actor: IntakeDep, db: DatabaseDep) -> FactsOut:
    """What the files of an application say as of an instant. Nothing is stored."""
    return await service.take(db, actor, body)
