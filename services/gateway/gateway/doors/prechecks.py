"""The door of prechecks for programs without GraphQL, passed on to eligibility."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request

from common.client import ClientDep
from common.errors import FieldError, Unprocessable
from gateway.access.caller import AnyoneDep

router = APIRouter(prefix="/v1", tags=["prechecks"])
JSON_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object", "title": "Asked", "additionalProperties": True}}
        },
    }
}


async def posted(request: Request, _caller: AnyoneDep) -> dict[str, Any]:
    """Dependency: the body, read once it is known that its sender's token, if there is one, holds.

    Raises:
        Unprocessable: no JSON object.
    """
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Unprocessable(errors=[FieldError("", "json", "a JSON object is expected")])
    return body


@router.post("/prechecks", openapi_extra=JSON_BODY)
async def precheck(
    asked: Annotated[dict[str, Any], Depends(posted)], caller: AnyoneDep, client: ClientDep
) -> dict[str, Any]:
    """What the rules say of these facts; nothing is stored. Shapes as eligibility documents them."""
    answer: dict[str, Any] = await client.call(
        "eligibility", "POST", "/v1/prechecks", actor=await caller.actor(), json=asked
    )
    return answer
