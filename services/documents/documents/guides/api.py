"""Staging of guides by intake."""

from typing import Annotated

from fastapi import APIRouter, Depends

from common.actor import Actor
from common.auth import services
from common.db import DatabaseDep
from documents.guides import service
from documents.guides.schemas import GuideIn, GuideOut

router = APIRouter(prefix="/v1", tags=["guides"])
PublisherDep = Annotated[Actor, Depends(services("intake", "operator"))]


@router.put("/guides/{guide}/versions/{version}")
async def stage(guide: str, version: str, body: GuideIn, actor: PublisherDep, db: DatabaseDep) -> GuideOut:
    """Stage one version of a pack. Immutable and idempotent; `version` is the pack's content hash."""
    await service.stage(db, actor, body.city, guide, version, body.text)
    return GuideOut(guide=guide, version=version)
