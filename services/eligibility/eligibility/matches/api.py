"""HTTP of matches."""

from fastapi import APIRouter

from common.auth import PublicDep
from common.db import DatabaseDep
from eligibility.deps import PacksDep
from eligibility.matches import service
from eligibility.matches.schemas import MatchesIn, MatchesOut

router = APIRouter(prefix="/v1/matches", tags=["matches"])


@router.post("")
async def matches(body: MatchesIn, database: DatabaseDep, packs: PacksDep, actor: PublicDep) -> MatchesOut:
    """What may be applied for with these facts, over the published guides of all cities, best first:
    eligible, pending with what is missing, or not with the nearest remedy. Nothing is stored."""
    return await service.answer(database, packs, actor, body)
