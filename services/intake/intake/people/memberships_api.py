"""Memberships, and the files that bring people in."""

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from common import bodies, sheets
from common.auth import PublicDep
from common.db import DatabaseDep, ReadSessionDep, SessionDep
from common.errors import NotFound
from common.etag import IfMatchDep, set_etag
from common.idempotency import IdempotentRoute
from intake.people import importing, memberships, service, tables
from intake.people.api import AdministratorDep, IdentifiersDep, ReaderDep
from intake.people.import_schemas import ImportIn, ImportOut
from intake.people.membership_schemas import (
    EndIn,
    GrantIn,
    MembershipOut,
    MembershipPage,
    MembershipSearch,
    MembershipsOut,
)
from intake.people.schemas import Ids
from intake.settings import Settings

FILE_PATH = "/v1/memberships/import/file"
router = APIRouter(prefix="/v1/memberships", tags=["memberships"])
creating = APIRouter(prefix="/v1/memberships", tags=["memberships"], route_class=IdempotentRoute)
Kind = Literal["csv", "xlsx"]
Lang = Literal["zh", "en"]
DryRun = Annotated[bool, Query(description="check and count only")]
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def get_settings(request: Request) -> Settings:
    """The service's settings."""
    settings: Settings = request.app.state.settings
    return settings


SettingsDep = Annotated[Settings, Depends(get_settings)]


@router.post("/batch")
async def read_memberships(body: Ids, actor: ReaderDep, session: ReadSessionDep) -> MembershipsOut:
    """These memberships, as far as the actor may see them."""
    return MembershipsOut(items=await memberships.batch(session, actor, body.ids))


@router.post("/search")
async def search(body: MembershipSearch, actor: ReaderDep, session: ReadSessionDep) -> MembershipPage:
    """Memberships of a person, a unit or a city, oldest first; ended ones too."""
    return await memberships.search(session, actor, body)


@creating.post("", status_code=201)
async def grant(body: GrantIn, actor: AdministratorDep, session: SessionDep) -> MembershipOut:
    """Give a person's login a role in the person's city."""
    return await memberships.grant(session, actor, body)


@creating.post("/{membership_id}/end")
async def end(
    membership_id: UUID,
    body: EndIn,
    actor: AdministratorDep,
    session: SessionDep,
    revision: IfMatchDep,
    response: Response,
) -> MembershipOut:
    """End a membership, now or at an instant to come."""
    row = await memberships.end(session, actor, membership_id, revision, body)
    set_etag(response, row.revision)
    return row


@creating.post("/import")
async def import_people(
    body: ImportIn,
    actor: AdministratorDep,
    session: SessionDep,
    identifiers: IdentifiersDep,
    dry_run: DryRun = False,
) -> ImportOut:
    """Bring in units, persons and memberships; all or nothing. `dry_run` gives the same report and writes
    nothing."""
    return await importing.read(session, actor, identifiers, body, dry_run=dry_run)


@router.post("/import/file", openapi_extra=_BODY)
async def import_file(
    request: Request,
    actor: AdministratorDep,
    db: DatabaseDep,
    settings: SettingsDep,
    identifiers: IdentifiersDep,
    kind: Kind,
    city: Annotated[str, Query(pattern=r"^\d{6}$", description="the city that the rows belong to")],
    dry_run: DryRun = False,
) -> ImportOut:
    """The same from a CSV (UTF-8 or GB 18030) or XLSX file: the body is its bytes. Problems name row and
    column. Reading a file again changes nothing, so it needs no idempotency key."""
    if not service.administers(actor, city):
        raise NotFound
    async with asyncio.timeout(settings.request_timeout_s):
        content = await bodies.read(request, settings.import_max_bytes)
        table = await asyncio.to_thread(tables.read, content, kind, city, settings.import_max_rows)
        if table.problems:
            return importing.refuse(table.problems, dry_run=dry_run)
        async with db.write(actor) as session:
            return await importing.read(
                session, actor, identifiers, table.body, dry_run=dry_run, locate=table.locate
            )


@router.get("/import/template.csv", response_class=Response)
async def csv_template(_: PublicDep, lang: Lang = "zh") -> Response:
    """An empty table with the columns that a file may have."""
    return await _template("csv", lang)


@router.get("/import/template.xlsx", response_class=Response)
async def xlsx_template(_: PublicDep, lang: Lang = "zh") -> Response:
    """The same as a workbook, whose second sheet says what each column takes."""
    return await _template("xlsx", lang)


async def _template(kind: Kind, lang: Lang) -> Response:
    return Response(
        await asyncio.to_thread(tables.template, kind, lang),
        media_type=sheets.TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="people-{lang}.{kind}"'},
    )
