"""The door of prechecks for programs without GraphQL, passed on to eligibility."""

from typing import Any

from fastapi import APIRouter

from common.client import ClientDep
from gateway.access.caller import AnyoneDep

router = APIRouter(prefix="/v1", tags=["prechecks"])


@router.post("/prechecks")
async def precheck(asked: dict[str, Any], caller: AnyoneDep, client: ClientDep) -> dict[str, Any]:
    """What the rules say of these facts; nothing is stored. Shapes as eligibility documents them."""
    answer: dict[str, Any] = await client.call(
        "eligibility", "POST", "/v1/prechecks", actor=await caller.actor(), json=asked
    )
    return answer
