"""Doors for the operator who compares the owners; nobody else's."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from common.actor import Actor
from common.auth import services
from common.db import DatabaseDep, ReadSessionDep
from common.pagination import Page
from documents import store
from documents.reconciliation import queries, service
from documents.reconciliation.schemas import BundleLine, FileLine, GuideLine, GuideLines, Objects

router = APIRouter(prefix="/v1/reconciliation", tags=["reconciliation"])

OperatorDep = Annotated[Actor, Depends(services("operator"))]
Cursor = Annotated[str | None, Query(max_length=500)]
Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("/bundles")
async def bundles(
    session: ReadSessionDep, _actor: OperatorDep, cursor: Cursor = None, limit: Limit = 200
) -> Page[BundleLine]:
    """Sealed bundles by id, each hashed anew."""
    return await service.bundles(session, cursor, limit)


@router.get("/files")
async def files(
    request: Request,
    database: DatabaseDep,
    actor: OperatorDep,
    cursor: Cursor = None,
    limit: Limit = 200,
    content: bool = True,
) -> Page[FileLine]:
    """Files by id against the store; with `content` every byte is read and hashed."""
    objects = store.opened(request.app.state.settings.store_path)
    return await service.files(database, actor, objects, cursor, limit, content=content)


@router.get("/objects")
async def objects_without_row(request: Request, database: DatabaseDep, actor: OperatorDep) -> Objects:
    """Objects in the store that no row names."""
    objects = store.opened(request.app.state.settings.store_path)
    return await service.without_row(database, actor, objects)


@router.get("/guides")
async def guides(session: ReadSessionDep, _actor: OperatorDep) -> GuideLines:
    """Versions that are staged here."""
    found = await queries.versions(session)
    return GuideLines(items=[GuideLine(guide=guide, version=version) for guide, version in found])
