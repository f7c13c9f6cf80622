"""Doors for the operator who compares the owners; nobody else's."""

from typing import Annotated

from fastapi import APIRouter, Depends

from common.actor import Actor
from common.auth import services
from common.db import ReadSessionDep
from eligibility.fields import Ids
from eligibility.reconciliation import queries
from eligibility.reconciliation.schemas import AssessmentLine, AssessmentLines, GuideLine, GuideLines

router = APIRouter(prefix="/v1/reconciliation", tags=["reconciliation"])

OperatorDep = Annotated[Actor, Depends(services("operator"))]


@router.post("/assessments/batch")
async def assessments(session: ReadSessionDep, _actor: OperatorDep, body: Ids) -> AssessmentLines:
    """Which of these assessments are here."""
    found = await queries.assessments(session, body.ids)
    return AssessmentLines(items=[AssessmentLine(id=one, application_id=of) for one, of in found])


@router.get("/guides")
async def guides(session: ReadSessionDep, _actor: OperatorDep) -> GuideLines:
    """Versions that are staged here."""
    found = await queries.versions(session)
    return GuideLines(
        items=[GuideLine(guide=guide, version=version, active=active) for guide, version, active in found]
    )
