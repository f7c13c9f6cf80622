"""Doors of reviews: initial review, acceptance, findings, formal review, experts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header

from common.actor import Actor
from common.auth import SignedInDep, requires
from common.client import ClientDep
from common.db import DatabaseDep, ReadSessionDep, SessionDep
from common.idempotency import IdempotentRoute
from common.roles import Role
from intake.applications import service as applications
from intake.applications.schemas import ApplicationOut
from intake.reviews import again, experts, formal, service
from intake.reviews.schemas import (
    AcceptIn,
    AssignIn,
    AssignmentItems,
    AssignmentOut,
    AssignmentSearch,
    AssignmentsOut,
    ConflictIn,
    DecisionIn,
    DecisionOut,
    FormalReviewIn,
    FormalReviewOut,
    IdsIn,
    InitialReviewIn,
    ReassessedOut,
    ReassessIn,
    ScoreIn,
)

commands = APIRouter(prefix="/v1", tags=["reviews"], route_class=IdempotentRoute)
reads = APIRouter(prefix="/v1", tags=["reviews"])

RecommenderDep = Annotated[Actor, Depends(requires(Role.recommender))]
OfficerDep = Annotated[Actor, Depends(requires(Role.officer))]
ReviewerDep = Annotated[Actor, Depends(requires(*formal.REVIEWERS))]
ExpertDep = Annotated[Actor, Depends(requires(Role.expert))]


@commands.post("/applications/{application_id}/initial-review")
async def review_initially(
    session: SessionDep, actor: RecommenderDep, application_id: UUID, wanted: InitialReviewIn
) -> ApplicationOut:
    """Approve, return or reject a submitted application (初审)."""
    changed = await service.review_initially(session, actor, application_id, wanted)
    return await applications.present_one(session, actor, changed)


@commands.post("/applications/{application_id}/accept")
async def accept(
    session: SessionDep, actor: OfficerDep, application_id: UUID, wanted: AcceptIn
) -> ApplicationOut:
    """Take a recommended application on (受理) and route it to its office."""
    changed = await service.accept(session, actor, application_id, wanted)
    return await applications.present_one(session, actor, changed)


@commands.post("/applications/{application_id}/findings/{rule}/decide", status_code=201)
async def decide_finding(
    database: DatabaseDep,
    client: ClientDep,
    actor: ReviewerDep,
    application_id: UUID,
    rule: str,
    wanted: DecisionIn,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> DecisionOut:
    """Record a judgement on a rule; later assessments cite it."""
    return await formal.decide_finding(database, client, actor, application_id, rule, wanted, idempotency_key)


@commands.post("/applications/{application_id}/reassess", status_code=201)
async def reassess(
    database: DatabaseDep,
    client: ClientDep,
    actor: OfficerDep,
    application_id: UUID,
    wanted: ReassessIn,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> ReassessedOut:
    """Take another assessment at the stage where the application stands; nothing else changes."""
    return await again.reassess(database, client, actor, application_id, wanted, idempotency_key)


@commands.post("/applications/{application_id}/formal-review")
async def review_formally(
    database: DatabaseDep,
    client: ClientDep,
    actor: ReviewerDep,
    application_id: UUID,
    wanted: FormalReviewIn,
) -> FormalReviewOut:
    """Pass or fail the formal review (形式审查) on an assessment taken now."""
    return await formal.review(database, client, actor, application_id, wanted)


@commands.post("/applications/{application_id}/assignments", status_code=201)
async def assign(
    session: SessionDep, actor: OfficerDep, application_id: UUID, wanted: AssignIn
) -> AssignmentsOut:
    """Give an application to experts."""
    made = await experts.assign(session, actor, application_id, wanted)
    return AssignmentsOut(assignments=[AssignmentOut.model_validate(one) for one in made])


@commands.post("/assignments/{assignment_id}/conflict")
async def declare_conflict(
    session: SessionDep, actor: ExpertDep, assignment_id: UUID, wanted: ConflictIn
) -> AssignmentOut:
    """Declare a conflict of interest; the expert no longer sees the application."""
    return AssignmentOut.model_validate(await experts.declare_conflict(session, actor, assignment_id, wanted))


@commands.post("/assignments/{assignment_id}/score")
async def score(session: SessionDep, actor: ExpertDep, assignment_id: UUID, wanted: ScoreIn) -> AssignmentOut:
    """Score an application, from 0 to 100, with a comment."""
    return AssignmentOut.model_validate(await experts.score(session, actor, assignment_id, wanted))


@reads.post("/assignments/batch")
async def batch(session: ReadSessionDep, actor: SignedInDep, wanted: IdsIn) -> AssignmentItems:
    """Assignments by id."""
    found = await experts.seen(session, actor, ids=wanted.ids)
    return AssignmentItems(items=[AssignmentOut.model_validate(one) for one in found])


@reads.post("/assignments/search")
async def search(session: ReadSessionDep, actor: SignedInDep, wanted: AssignmentSearch) -> AssignmentItems:
    """Assignments by application, or one's own."""
    found = await experts.seen(session, actor, application_ids=wanted.application_ids, mine=wanted.mine)
    return AssignmentItems(items=[AssignmentOut.model_validate(one) for one in found])


router = APIRouter()
router.include_router(commands)
router.include_router(reads)
