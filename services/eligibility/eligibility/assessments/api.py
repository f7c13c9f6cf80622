"""HTTP of assessments: intake takes them, people of the city read them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from common.actor import Actor
from common.auth import services
from common.db import DatabaseDep
from common.idempotency import IdempotentRoute
from common.roles import Role
from eligibility.assessments import service, taking
from eligibility.assessments.schemas import AssessmentIn, AssessmentOut, AssessmentsOut
from eligibility.deps import PacksDep
from eligibility.fields import Ids

# Machines of other bodies read the published list only; experts review blind, and findings quote names of
# unit and team. Which applications a person may see is decided by intake, which the gateway asks; here the
# cities in which the person has one of these roles bound what is found.
_BLIND = {Role.expert, Role.provincial_client, Role.portal_client}
READERS = tuple(role for role in Role if role not in _BLIND)

IntakeDep = Annotated[Actor, Depends(services("intake"))]
ReaderDep = Annotated[Actor, Depends(services("intake", "operator", roles=READERS))]

router = APIRouter(prefix="/v1/assessments", tags=["assessments"], route_class=IdempotentRoute)
batches = APIRouter(prefix="/v1/assessments", tags=["assessments"])


@router.post("", status_code=201, responses={200: {"description": "taken before, with the same id"}})
async def take(
    body: AssessmentIn, database: DatabaseDep, packs: PacksDep, actor: IntakeDep, response: Response
) -> AssessmentOut:
    """Judge an application's facts at a stage and store the outcome for good."""
    assessment, fresh = await taking.take(database, packs, actor, body)
    response.status_code = 201 if fresh else 200
    return AssessmentOut.model_validate(assessment)


@batches.post("/batch")
async def batch(body: Ids, database: DatabaseDep, actor: ReaderDep) -> AssessmentsOut:
    """Assessments by id."""
    async with database.read(actor.cities_as(READERS)) as session:
        found = await service.by_ids(session, body.ids)
    return AssessmentsOut(items=[AssessmentOut.model_validate(one) for one in found])


@batches.post("/by-application/batch")
async def by_application(body: Ids, database: DatabaseDep, actor: ReaderDep) -> AssessmentsOut:
    """All assessments of these applications, the newest last."""
    async with database.read(actor.cities_as(READERS)) as session:
        found = await service.by_applications(session, body.ids)
    return AssessmentsOut(items=[AssessmentOut.model_validate(one) for one in found])
