"""HTTP of impact: what a draft pack would change, told while it is found out."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from common import bodies
from common.actor import Actor
from common.auth import services
from common.db import DatabaseDep
from eligibility.impact import service
from eligibility.impact.schemas import ImpactIn, Line
from eligibility.impact.workers import Impacts, Workers
from eligibility.settings import Settings

PATH = "/v1/impact"
router = APIRouter(prefix=PATH, tags=["impact"])

PlannerDep = Annotated[Actor, Depends(services("operator", roles=service.PLANNERS))]


class Lines(StreamingResponse):
    """NDJSON."""

    media_type = "application/x-ndjson"


async def draft(request: Request, _actor: PlannerDep) -> ImpactIn:
    """Dependency: the body, read once it is known that its sender may ask at all.

    Raises:
        TooLarge, TimeoutError: longer than a pack may be, or too slow.
        RequestValidationError: it is not the body that is expected.
    """
    settings: Settings = request.app.state.settings
    async with asyncio.timeout(settings.request_timeout_s):
        content = await bodies.read(request, settings.impact_max_bytes)
    try:
        return ImpactIn.model_validate_json(content)
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        raise RequestValidationError(found) from error


DraftDep = Annotated[ImpactIn, Depends(draft)]


async def workers(request: Request, _draft: DraftDep) -> AsyncIterator[Workers]:
    """Dependency: processes until the answer has been sent, or nobody listens any more."""
    impacts: Impacts = request.app.state.impacts
    async with impacts.one() as found:
        yield found


@router.post(
    "",
    response_class=Lines,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ImpactIn.model_json_schema()}},
        }
    },
    responses={
        200: {
            "description": "NDJSON: one start line; changed, not_judged and progress lines; one summary line",
            "model": Line,
        }
    },
)
async def impact(
    body: DraftDep,
    running: Annotated[Workers, Depends(workers)],
    database: DatabaseDep,
    actor: PlannerDep,
) -> Lines:
    """Replay the city's stored assessments under a draft: whose verdict would change, and by which rule."""
    prepared = await service.prepare(database, running, actor, body)
    return Lines(service.run(database, running, prepared))
