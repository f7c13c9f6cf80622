"""The doors of those who plan: what may be applied for, and what a draft pack would change."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from common.client import ClientDep
from gateway.access.caller import AnyoneDep, SignedInDep
from gateway.doors.prechecks import JSON_BODY, posted
from gateway.doors.relay import relay
from gateway.graph.context import PRECHECK_S

IMPACT = "/v1/impact"
router = APIRouter(prefix="/v1", tags=["planning"])


@router.post("/matches", openapi_extra=JSON_BODY)
async def matches(
    asked: Annotated[dict[str, Any], Depends(posted)], caller: AnyoneDep, client: ClientDep
) -> dict[str, Any]:
    """What may be applied for with these facts, over all open calls, best first; nothing is stored. Shapes as
    eligibility documents them."""
    body = {"lang": caller.lang, **asked}
    answer: dict[str, Any] = await client.call(
        "eligibility", "POST", "/v1/matches", actor=await caller.actor(), json=body, timeout=PRECHECK_S
    )
    return answer


@router.post("/impact", response_model=None, openapi_extra=JSON_BODY)
async def impact(request: Request, caller: SignedInDep) -> StreamingResponse:
    """What a draft pack would change for the stored assessments of its city, as NDJSON with progress. For
    guide administrators and officers of that city; shapes as eligibility documents them."""
    return await relay(request, "eligibility", await caller.actor(), body=request.stream())
