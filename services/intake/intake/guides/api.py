"""`/v1/guides`: packs in, versions out, publishing."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from common.actor import Actor
from common.auth import PublicDep, services
from common.client import ClientDep
from common.db import ALL_CITIES, DatabaseDep
from common.idempotency import IdempotentRoute
from common.roles import Role
from guide import json_schema
from intake.guides import service
from intake.guides.schemas import GuideIn, GuideOut, GuideText, Published, Staged

router = APIRouter(prefix="/v1", tags=["guides"], route_class=IdempotentRoute)

AdministratorDep = Annotated[Actor, Depends(services("operator", roles=[Role.guide_administrator]))]


@router.get("/guides/schema")
async def read_schema(_: PublicDep) -> dict[str, Any]:
    """The JSON Schema of a guide pack."""
    return json_schema()


@router.post("/guides", status_code=201)
async def stage_guide(
    body: GuideIn,
    actor: AdministratorDep,
    db: DatabaseDep,
    response: Response,
    dry_run: Annotated[bool, Query()] = False,
) -> Staged:
    """Check a pack and keep it as a version; 200 and nothing kept with `dry_run`."""
    staged = await service.stage(db, actor, body.text, dry_run=dry_run)
    response.status_code = 200 if dry_run else 201
    return staged


@router.post("/guides/{guide}/versions/{version}/publish")
async def publish_guide(
    guide: str, version: str, actor: AdministratorDep, db: DatabaseDep, client: ClientDep
) -> Published:
    """Put a version in force, here and with eligibility, documents and quota."""
    return await service.publish(db, client, actor, guide, version)


@router.get("/guides/{guide}")
async def read_guide(guide: str, actor: PublicDep, db: DatabaseDep) -> GuideOut:
    """A guide and its versions. Guides are public notices: every city's are shown to anyone once they were
    in force; before that to the city's guide administrators."""
    async with db.read(ALL_CITIES) as session:
        return await service.describe(session, actor, guide)


@router.get("/guides/{guide}/versions/{version}")
async def read_version(guide: str, version: str, actor: PublicDep, db: DatabaseDep) -> GuideText:
    """A version's text, word for word; as `read_guide`."""
    async with db.read(ALL_CITIES) as session:
        return await service.text_of(session, actor, guide, version)
