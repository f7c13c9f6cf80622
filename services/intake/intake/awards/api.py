"""Doors of awards."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from common.actor import Actor
from common.auth import SignedInDep, requires
from common.client import ClientDep
from common.db import DatabaseDep, ReadSessionDep
from common.idempotency import IdempotentRoute
from common.roles import Role
from intake.awards import direct, service
from intake.awards.schemas import ApprovedOut, ApproveIn, AwardsOut, IdsIn

commands = APIRouter(prefix="/v1", tags=["awards"], route_class=IdempotentRoute)
reads = APIRouter(prefix="/v1", tags=["awards"])

HeadDep = Annotated[Actor, Depends(requires(Role.bureau_head))]


@commands.post("/applications/{application_id}/approve")
async def approve(
    database: DatabaseDep, client: ClientDep, actor: HeadDep, application_id: UUID, wanted: ApproveIn
) -> ApprovedOut:
    """Approve a project (立项): award, number and publication in one."""
    return await service.approve(database, client, actor, application_id, wanted)


@commands.post("/applications/{application_id}/grant-directly")
async def grant_directly(
    database: DatabaseDep, client: ClientDep, actor: HeadDep, application_id: UUID, wanted: ApproveIn
) -> ApprovedOut:
    """Approve a draft of a category that its guide grants directly (直接立项), without any step between."""
    return await direct.grant(database, client, actor, application_id, wanted)


@reads.post("/awards/by-application/batch")
async def batch(session: ReadSessionDep, actor: SignedInDep, wanted: IdsIn) -> AwardsOut:
    """Awards of these applications."""
    return AwardsOut(items=await service.of_applications(session, actor, wanted.ids))


router = APIRouter()
router.include_router(commands)
router.include_router(reads)
