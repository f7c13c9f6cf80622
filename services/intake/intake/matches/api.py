"""`/v1/units/{unit}/matches`."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from common.auth import SignedInDep
from common.client import ClientDep
from common.db import DatabaseDep
from intake.matches import service
from intake.matches.schemas import MatchesIn

router = APIRouter(prefix="/v1/units", tags=["matches"])


@router.post("/{unit_id}/matches")
async def matches(
    unit_id: UUID, body: MatchesIn, actor: SignedInDep, db: DatabaseDep, client: ClientDep
) -> dict[str, Any]:
    """What the unit may apply for now, best first, as eligibility's `POST /v1/matches` answers it. For
    whoever sees the unit in full; nothing is stored."""
    return await service.of_unit(db, client, actor, unit_id, body)
