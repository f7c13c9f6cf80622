"""HTTP of prechecks."""

from fastapi import APIRouter

from common.auth import PublicDep
from common.db import DatabaseDep
from eligibility.deps import PacksDep
from eligibility.prechecks import service
from eligibility.prechecks.schemas import PrecheckIn, PrecheckOut

router = APIRouter(prefix="/v1/prechecks", tags=["prechecks"])


@router.post("")
async def precheck(body: PrecheckIn, database: DatabaseDep, packs: PacksDep, actor: PublicDep) -> PrecheckOut:
    """May these facts apply, and if not, what is missing? Every rule of the category, with its clause."""
    found = await service.answer(database, packs, actor, body)
    return PrecheckOut.model_validate(
        {
            "eligible": found.eligible,
            "findings": found.findings,
            "pack_version": found.pack_version,
            "decision": found.decision.as_dict(),
        }
    )
