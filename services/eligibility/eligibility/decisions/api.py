"""HTTP of decisions: intake records them for the officer who decided."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from common.actor import Actor
from common.auth import services
from common.db import DatabaseDep
from common.idempotency import IdempotentRoute
from common.roles import Role
from eligibility.decisions import service
from eligibility.decisions.schemas import DecisionIn, DecisionOut, DecisionsOut
from eligibility.deps import PacksDep
from eligibility.fields import Ids

READERS = (
    Role.applicant,
    Role.department_manager,
    Role.project_leader,
    Role.recommender,
    Role.officer,
    Role.formal_reviewer,
    Role.bureau_head,
    Role.auditor,
)

IntakeDep = Annotated[Actor, Depends(services("intake"))]
ReaderDep = Annotated[Actor, Depends(services("intake", "operator", roles=READERS))]

router = APIRouter(prefix="/v1/decisions", tags=["decisions"], route_class=IdempotentRoute)
batches = APIRouter(prefix="/v1/decisions", tags=["decisions"])


@router.post("", status_code=201, responses={200: {"description": "recorded before, with the same id"}})
async def record(
    body: DecisionIn, database: DatabaseDep, packs: PacksDep, actor: IntakeDep, response: Response
) -> DecisionOut:
    """Record a person's decision on a finding; assessments taken from now on cite it."""
    decision, fresh = await service.record(database, packs, actor, body)
    response.status_code = 201 if fresh else 200
    return DecisionOut.model_validate(decision)


@batches.post("/by-application/batch")
async def by_application(body: Ids, database: DatabaseDep, actor: ReaderDep) -> DecisionsOut:
    """All decisions on these applications, the newest last."""
    async with database.read(actor.cities_as(READERS)) as session:
        found = await service.by_applications(session, body.ids)
    return DecisionsOut(items=[DecisionOut.model_validate(one) for one in found])
