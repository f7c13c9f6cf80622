"""`/v1/calls`: public."""

from typing import Annotated

from fastapi import APIRouter, Query

from common.auth import PublicDep
from common.db import ALL_CITIES, DatabaseDep
from intake.calls import service
from intake.calls.schemas import CallIds, Calls

router = APIRouter(prefix="/v1", tags=["calls"])


@router.get("/calls")
async def list_calls(
    _: PublicDep, db: DatabaseDep, city: Annotated[str | None, Query(pattern=r"^\d{6}$")] = None
) -> Calls:
    """Every call in force, of one city or of all: calls are public notices."""
    async with db.read(ALL_CITIES) as session:
        found = await service.listed(session)
    return Calls(items=[one for one in found if city is None or one.city == city])


@router.post("/calls/batch")
async def read_calls(body: CallIds, _: PublicDep, db: DatabaseDep) -> Calls:
    """These calls; unknown ids are left out."""
    async with db.read(ALL_CITIES) as session:
        return Calls(items=await service.listed(session, body.ids))
