"""The doors of eligibility reports, relayed: JSON, or a page to print (`?format=html&lang=en`)."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from common.client import ClientDep
from common.errors import NotFound
from gateway.access.caller import AnyoneDep, SignedInDep
from gateway.doors.relay import relay
from gateway.nouns.applications import is_blind

PREFIX = "/v1/reports"
router = APIRouter(prefix=PREFIX, tags=["reports"])


@router.get("/assessments/{assessment_id}", response_model=None)
async def of_assessment(
    assessment_id: UUID, request: Request, caller: SignedInDep, client: ClientDep
) -> StreamingResponse:
    """The report on an assessment, for whoever reads its application with unit and team.

    Eligibility knows the city only; whether the caller sees the application, and openly, intake says.

    Raises:
        NotFound: no such assessment, or not for this caller.
    """
    actor = await caller.actor()
    found = await client.call(
        "eligibility", "POST", "/v1/assessments/batch", actor=actor, json={"ids": [str(assessment_id)]}
    )
    owners = [one["application_id"] for one in found["items"]]
    seen = (
        await client.call("intake", "POST", "/v1/applications/batch", actor=actor, json={"ids": owners})
        if owners
        else {"items": []}
    )
    if not any(not is_blind(row) for row in seen["items"]):
        raise NotFound
    return await relay(request, "eligibility", actor, path=f"/v1/assessments/{assessment_id}/report")


@router.post("/prechecks", response_model=None)
async def of_precheck(request: Request, caller: AnyoneDep) -> StreamingResponse:
    """The answer to a precheck as a report; the body is that of a precheck, and nothing is stored."""
    actor = await caller.actor()
    return await relay(request, "eligibility", actor, path="/v1/prechecks/report", body=request.stream())
