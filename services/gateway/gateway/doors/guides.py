"""The doors of guides, relayed to intake: pages clause by clause, and what a version changes."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import StreamingResponse

from gateway.access.caller import AnyoneDep, SignedInDep
from gateway.doors.relay import relay

Name = Annotated[str, Path(pattern="^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")]
router = APIRouter(prefix="/v1/guides", tags=["guides"])


@router.get("/{guide}/review", response_model=None)
async def review(guide: Name, request: Request, caller: AnyoneDep) -> StreamingResponse:
    """The guide in force, clause by clause, as a page that prints (`?lang=en`)."""
    return await relay(request, "intake", await caller.actor())


@router.get("/{guide}/versions/{version}/review", response_model=None)
async def review_version(
    guide: Name, version: Name, request: Request, caller: AnyoneDep
) -> StreamingResponse:
    """The same page of one version; drafts are for the city's guide administrators."""
    return await relay(request, "intake", await caller.actor())


@router.get("/{guide}/diff", response_model=None)
async def compare_versions(guide: Name, request: Request, caller: AnyoneDep) -> StreamingResponse:
    """What a version changes (`?from=…&to=…`), as JSON or as a page (`format=html`, `lang=en`)."""
    return await relay(request, "intake", await caller.actor())


@router.post("/review", response_model=None)
async def review_text(request: Request, caller: SignedInDep) -> StreamingResponse:
    """The page of a pack that is sent along, with its golden cases (`{"text": …, "cases": […]}`); not kept.

    For guide administrators.
    """
    return await relay(request, "intake", await caller.actor(), body=request.stream())
