"""The door of the provincial feed, relayed to intake."""

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from gateway.access.caller import SignedInDep
from gateway.doors.relay import relay

PREFIX = "/v1/feeds/"
router = APIRouter(prefix="/v1/feeds", tags=["feeds"])


@router.get("/{feed}/{part}", response_model=None)
async def read(feed: str, part: str, request: Request, caller: SignedInDep) -> StreamingResponse:
    """A part of a feed: changes, snapshot, manifest, reconciliation, dictionary.

    For subscribers (roles provincial_client and portal_client); intake decides what they see.
    """
    return await relay(request, "intake", await caller.actor())
