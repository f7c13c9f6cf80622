"""The door of the provincial feed, relayed to intake."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import StreamingResponse

from gateway.access.caller import SignedInDep
from gateway.doors.relay import relay

PREFIX = "/v1/feeds/"
Word = Annotated[str, Path(pattern="^[a-z][a-z-]{0,63}$")]
router = APIRouter(prefix="/v1/feeds", tags=["feeds"])


@router.get("/{feed}/{part}", response_model=None)
async def read(feed: Word, part: Word, request: Request, caller: SignedInDep) -> StreamingResponse:
    """A part of a feed: changes, snapshot, manifest, reconciliation, dictionary.

    For subscribers (roles provincial_client and portal_client); intake decides what they see.
    """
    return await relay(request, "intake", await caller.actor())
