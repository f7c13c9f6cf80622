"""HTTP of guide packs: intake stages and activates them; everyone may read the facts catalogue."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from common.actor import Actor
from common.auth import PublicDep, services
from common.db import DatabaseDep
from common.idempotency import IdempotentRoute
from eligibility.deps import PacksDep
from eligibility.guides import service
from eligibility.guides.schemas import ActivateIn, FactOut, FactsOut, StagedOut, StageIn, Version
from guide import facts_catalogue

PublisherDep = Annotated[Actor, Depends(services(*service.PUBLISHERS))]
GuideId = Annotated[str, Path(max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]

router = APIRouter(prefix="/v1/guides", tags=["guides"], route_class=IdempotentRoute)


@router.put("/{guide}/versions/{version}")
async def stage(
    guide: GuideId, version: Version, body: StageIn, database: DatabaseDep, actor: PublisherDep
) -> StagedOut:
    """Keep a version of a guide's pack. It must be valid, and be the guide, version and city it says."""
    pack = await service.stage(database, actor, guide, version, body)
    return StagedOut(guide=pack.id, version=pack.version)


@router.post("/{guide}/activate")
async def activate(guide: GuideId, body: ActivateIn, database: DatabaseDep, actor: PublisherDep) -> StagedOut:
    """Make a staged version the current one."""
    return StagedOut(guide=guide, version=await service.activate(database, actor, guide, body))


@router.get("/{guide}/facts")
async def facts(guide: str, database: DatabaseDep, packs: PacksDep, _actor: PublicDep) -> FactsOut:
    """Every fact of the guide's current version: name, type, unit, owner, values, labels, rules."""
    pack = await service.pack(database, packs, guide)
    return FactsOut(items=[FactOut.model_validate(row) for row in facts_catalogue(pack)])
