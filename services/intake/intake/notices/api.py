"""Doors of notices and objections."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from common.actor import Actor
from common.auth import PublicDep, SignedInDep, requires
from common.db import ReadSessionDep, SessionDep
from common.idempotency import IdempotentRoute
from intake.notices import objections, service
from intake.notices.schemas import (
    IdsIn,
    NoticeIn,
    NoticeOut,
    NoticesOut,
    ObjectionDecisionIn,
    ObjectionIn,
    ObjectionOut,
    ObjectionSearch,
    ObjectionsOut,
)

commands = APIRouter(prefix="/v1", tags=["notices"], route_class=IdempotentRoute)
reads = APIRouter(prefix="/v1", tags=["notices"])

BureauDep = Annotated[Actor, Depends(requires(*service.BUREAU))]


@commands.post("/notices", status_code=201)
async def publish(session: SessionDep, actor: BureauDep, wanted: NoticeIn) -> NoticeOut:
    """Give public notice of proposed applications."""
    return await service.publish(session, actor, wanted)


@reads.get("/notices")
async def listed(
    session: ReadSessionDep,
    _actor: PublicDep,
    guide: Annotated[str | None, Query(max_length=64)] = None,
) -> NoticesOut:
    """Notices, newest first, as the public sees them."""
    return NoticesOut(items=await service.listed(session, guide=guide))


@reads.post("/notices/batch")
async def batch(session: ReadSessionDep, _actor: PublicDep, wanted: IdsIn) -> NoticesOut:
    """Notices by id."""
    return NoticesOut(items=await service.listed(session, ids=wanted.ids))


@commands.post("/notices/{notice_id}/objections", status_code=201)
async def object_to(
    session: SessionDep, actor: SignedInDep, notice_id: UUID, wanted: ObjectionIn
) -> ObjectionOut:
    """Object to a project on a notice, while it runs."""
    return ObjectionOut.model_validate(await objections.file(session, actor, notice_id, wanted))


@commands.post("/objections/{objection_id}/decide")
async def decide(
    session: SessionDep, actor: BureauDep, objection_id: UUID, wanted: ObjectionDecisionIn
) -> ObjectionOut:
    """Uphold or reject an objection, with a reason."""
    return ObjectionOut.model_validate(await objections.decide(session, actor, objection_id, wanted))


@reads.post("/objections/search")
async def search(session: ReadSessionDep, actor: SignedInDep, wanted: ObjectionSearch) -> ObjectionsOut:
    """Objections by notice, application and state."""
    found = await objections.search(session, actor, wanted)
    return ObjectionsOut(items=[ObjectionOut.model_validate(one) for one in found])


router = APIRouter()
router.include_router(commands)
router.include_router(reads)
