"""The door of files that bring people in, relayed to intake."""

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from gateway.access.caller import SignedInDep
from gateway.doors.relay import relay

PREFIX = "/v1/memberships/import/"
router = APIRouter(prefix="/v1/memberships/import", tags=["memberships"])


@router.post("/file", response_model=None)
async def import_file(request: Request, caller: SignedInDep) -> StreamingResponse:
    """Bring in people from a CSV or XLSX file: `?kind=csv&city=330800`, with `dry_run=true` to check only.

    For membership administrators; the body is the file.
    """
    return await relay(request, "intake", await caller.actor(), body=request.stream())


@router.get("/template.csv", response_model=None)
@router.get("/template.xlsx", response_model=None)
async def template(request: Request, caller: SignedInDep) -> StreamingResponse:
    """An empty table with the columns that a file may have."""
    return await relay(request, "intake", await caller.actor())
