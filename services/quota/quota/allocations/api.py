"""Staging and activation of a guide's quota tables; for services only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from common.actor import Actor
from common.auth import services
from common.db import DatabaseDep
from common.idempotency import IdempotentRoute
from quota.allocations import service
from quota.allocations.schemas import Activated, Activation, AllocationIn, Staged
from quota.fields import GuideId, Version
from quota.scopes import city_of

router = APIRouter(prefix="/v1", tags=["guides"], route_class=IdempotentRoute)
PublisherDep = Annotated[Actor, Depends(services("intake", "operator"))]


@router.put("/guides/{guide}/versions/{version}")
async def stage(
    database: DatabaseDep,
    actor: PublisherDep,
    guide: Annotated[GuideId, Path()],
    version: Annotated[Version, Path()],
    body: AllocationIn,
) -> Staged:
    """Keep a version's quota tables. Pools that are new stand at limit 0 until activation."""
    return await service.stage(database, actor, guide, version, body)


@router.post("/guides/{guide}/activate")
async def activate(
    database: DatabaseDep, actor: PublisherDep, guide: Annotated[GuideId, Path()], body: Activation
) -> Activated:
    """Put a staged version's limits in force, all or none."""
    return await service.activate(database, actor, city_of(actor, body.city), guide, body.version)
