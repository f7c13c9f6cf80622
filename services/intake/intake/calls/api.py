"""`/v1/calls`: public to read; opened and closed by the bureau where a guide is silent."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from common.actor import Actor
from common.auth import PublicDep, requires
from common.db import ALL_CITIES, DatabaseDep, SessionDep
from common.idempotency import IdempotentRoute
from intake.calls import service
from intake.calls.schemas import AnnounceIn, CallIds, CallOut, Calls
from intake.calls.states import Kind

reads = APIRouter(prefix="/v1", tags=["calls"])
commands = APIRouter(prefix="/v1", tags=["calls"], route_class=IdempotentRoute)

BureauDep = Annotated[Actor, Depends(requires(*service.BUREAU))]
GuideId = Annotated[str, Path(min_length=1, max_length=64)]


@reads.get("/calls")
async def list_calls(
    _: PublicDep, db: DatabaseDep, city: Annotated[str | None, Query(pattern=r"^\d{6}$")] = None
) -> Calls:
    """Every call in force, of one city or of all: calls are public notices."""
    async with db.read(ALL_CITIES) as session:
        found = await service.listed(session)
    return Calls(items=[one for one in found if city is None or one.city == city])


@reads.post("/calls/batch")
async def read_calls(body: CallIds, _: PublicDep, db: DatabaseDep) -> Calls:
    """These calls; unknown ids are left out."""
    async with db.read(ALL_CITIES) as session:
        return Calls(items=await service.listed(session, body.ids))


@commands.post("/calls/{guide}/open")
async def open_call(guide: GuideId, body: AnnounceIn, actor: BureauDep, session: SessionDep) -> CallOut:
    """Announce when the call opens; where its guide does not say."""
    return await service.announce(session, actor, guide, Kind.open, body)


@commands.post("/calls/{guide}/close")
async def close_call(guide: GuideId, body: AnnounceIn, actor: BureauDep, session: SessionDep) -> CallOut:
    """Announce when the call closes, or another day for it; where its guide does not say."""
    return await service.announce(session, actor, guide, Kind.close, body)


router = APIRouter()
router.include_router(reads)
router.include_router(commands)
