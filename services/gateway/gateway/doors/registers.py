"""The doors of registers, relayed to eligibility: files of entries, what they hold, and looking a unit up."""

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from gateway.access.caller import SignedInDep
from gateway.doors.relay import relay

PREFIX = "/v1/registers/"
OWNER = "eligibility"
router = APIRouter(prefix="/v1/registers", tags=["registers"])


@router.post("/{register}/import", response_model=None)
async def import_file(request: Request, caller: SignedInDep, register: str) -> StreamingResponse:
    """Read entries from a CSV or XLSX file into a register:
    `?kind=csv&city=330800&source=…&name=list.csv`, with `complete=2020-06-01` where the file is the source's
    whole list, `whole_until=2020-12-31` where until then it is also the whole register, with `dry_run=true`
    to check only.

    For officers; the body is the file.
    """
    return await relay(request, OWNER, await caller.actor(), body=request.stream())


@router.get("/{register}/template", response_model=None)
async def template(request: Request, caller: SignedInDep, register: str) -> StreamingResponse:
    """An empty table with the register's columns: `?kind=xlsx&lang=zh`."""
    return await relay(request, OWNER, await caller.actor())


@router.get("/{register}/entries", response_model=None)
async def entries(request: Request, caller: SignedInDep, register: str) -> StreamingResponse:
    """Entries of a register: `?as_of=…&known_at=…&q=…&limit=50&cursor=…`. For officers of the city."""
    return await relay(request, OWNER, await caller.actor())


@router.post("/lookup", response_model=None)
async def look_up(request: Request, caller: SignedInDep) -> StreamingResponse:
    """What the registers say of a unit, its people and its project, each fact with the entries behind it. For
    officers of the city."""
    return await relay(request, OWNER, await caller.actor(), body=request.stream())
