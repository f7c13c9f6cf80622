"""Doors of proposals."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from common.actor import Actor
from common.auth import requires
from common.db import ReadSessionDep, SessionDep
from common.idempotency import IdempotentRoute
from common.roles import Role
from intake.applications import service as applications
from intake.applications.schemas import ApplicationOut
from intake.proposals import service
from intake.proposals.schemas import IdsIn, NotSelectIn, ProposalIn, ProposalOut, ProposalsOut

commands = APIRouter(prefix="/v1", tags=["proposals"], route_class=IdempotentRoute)
reads = APIRouter(prefix="/v1", tags=["proposals"])

OfficerDep = Annotated[Actor, Depends(requires(Role.officer))]
ReaderDep = Annotated[Actor, Depends(requires(*service.READERS))]


@commands.post("/proposals", status_code=201)
async def propose(session: SessionDep, actor: OfficerDep, wanted: ProposalIn) -> ProposalOut:
    """Propose a set for establishment; every one of it, or none."""
    return await service.propose(session, actor, wanted)


@commands.post("/applications/{application_id}/not-select")
async def not_select(
    session: SessionDep, actor: OfficerDep, application_id: UUID, wanted: NotSelectIn
) -> ApplicationOut:
    """Leave an application out, with a reason."""
    changed = await service.not_select(session, actor, application_id, wanted)
    return await applications.present_one(session, actor, changed)


@reads.post("/proposals/batch")
async def batch(session: ReadSessionDep, actor: ReaderDep, wanted: IdsIn) -> ProposalsOut:
    """Proposals by id."""
    return ProposalsOut(items=await service.many(session, actor, wanted.ids))


router = APIRouter()
router.include_router(commands)
router.include_router(reads)
