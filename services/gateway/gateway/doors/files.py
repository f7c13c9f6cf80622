"""The door of files: up- and download by ticket, relayed to documents."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from common.errors import Unauthenticated
from gateway.access.caller import AnyoneDep
from gateway.doors.relay import relay

PREFIX = "/v1/files"
router = APIRouter(prefix=PREFIX, tags=["files"])


@router.post("", status_code=201, response_model=None)
async def upload(request: Request, caller: AnyoneDep) -> StreamingResponse:
    """Upload one file: its raw bytes, with the ticket of `createUploadTicket` in `Upload-Ticket`.

    The ticket says who, what and how large; a retry with the same ticket finds the first upload.
    """
    if "upload-ticket" not in request.headers:
        raise Unauthenticated("the Upload-Ticket header is missing")
    return await relay(
        request,
        "documents",
        await caller.actor(),
        more_headers=frozenset({"upload-ticket"}),
        body=request.stream(),
    )


@router.get("/{file_id}", response_model=None)
async def download(file_id: UUID, ticket: str, request: Request, caller: AnyoneDep) -> StreamingResponse:
    """Download one file by the link of `createDownloadLink`; `Range` and `If-None-Match` work."""
    return await relay(request, "documents", await caller.actor())
