"""Upload, download and batch reads of files."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from common.auth import PublicDep
from common.db import DatabaseDep, ReadSessionDep
from documents.files import downloading, service
from documents.files.downloading import Wanted
from documents.files.errors import FileTooLarge, UploadCutShort
from documents.files.models import StoredFile
from documents.files.schemas import (
    ApplicationFiles,
    ApplicationFilesOut,
    FileOut,
    FilesOut,
    IdsIn,
)
from documents.settings import Settings
from documents.tickets import DownloadTicket, UploadTicket, download_ticket, upload_ticket

router = APIRouter(prefix="/v1", tags=["files"])
UploadTicketDep = Annotated[UploadTicket, Depends(upload_ticket)]
DownloadTicketDep = Annotated[DownloadTicket, Depends(download_ticket)]


async def get_settings(request: Request) -> Settings:
    """The service's settings."""
    settings: Settings = request.app.state.settings
    return settings


SettingsDep = Annotated[Settings, Depends(get_settings)]
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/files", status_code=201, openapi_extra=_BODY)
async def upload(
    request: Request, actor: PublicDep, ticket: UploadTicketDep, db: DatabaseDep, settings: SettingsDep
) -> FileOut:
    """Put a file in: the body is its bytes, `Upload-Ticket` says what it is. Repeatable by its file id."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > ticket.max_bytes:
        raise FileTooLarge(extra={"limit": ticket.max_bytes})
    try:
        return _out(await service.upload(db, settings, actor, ticket, request.stream()))
    except ClientDisconnect as error:
        raise UploadCutShort from error


@router.get("/files/{file_id}", response_class=StreamingResponse)
async def download(
    file_id: UUID,
    actor: PublicDep,
    ticket: DownloadTicketDep,
    db: DatabaseDep,
    settings: SettingsDep,
    range_: Annotated[str | None, Header(alias="Range")] = None,
    if_range: Annotated[str | None, Header()] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Fetch a file with a ticket; one byte range, `If-Range` and `If-None-Match` are honoured. Recorded."""
    wanted = Wanted(range_, if_range, if_none_match)
    answer = await downloading.download(db, settings, actor, ticket, file_id, wanted)
    if answer.body is None:
        return Response(status_code=answer.status, headers=answer.headers)
    return StreamingResponse(answer.body, status_code=answer.status, headers=answer.headers)


@router.post("/files/batch")
async def read_many(body: IdsIn, actor: PublicDep, session: ReadSessionDep) -> FilesOut:
    """Files by id; those that are not there or not visible are left out."""
    return FilesOut(items=[_out(one.row, one.text) for one in await service.many(session, actor, body.ids)])


@router.post("/files/by-application/batch")
async def read_by_application(body: IdsIn, actor: PublicDep, session: ReadSessionDep) -> ApplicationFilesOut:
    """All versions of all files of each application, oldest first."""
    found = await service.of_applications(session, actor, body.ids)
    return ApplicationFilesOut(
        items=[
            ApplicationFiles(application_id=key, files=[_out(one.row, one.text) for one in files])
            for key, files in found.items()
        ]
    )


def _out(row: StoredFile, text: str | None = None) -> FileOut:
    return FileOut(
        id=row.id,
        application_id=row.application_id,
        material=row.material,
        bundle=row.bundle,
        name=row.name,
        version=row.version_no,
        size=row.size,
        sha256=row.sha256,
        content_type=row.content_type,
        text=text,
        created_at=row.completed_at,
        attributes=row.attributes,
    )
