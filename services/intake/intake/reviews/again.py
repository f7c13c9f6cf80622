"""Assessing an application once more at the stage where it stands (重新审查): an officer's explicit act.

For what was corrected meanwhile, in a register for instance. The earlier assessments stay as they are, no
state moves by it, and no decision stands on it: the next step assesses for itself.
"""

from typing import Final
from uuid import UUID

from common import audit
from common.actor import Actor
from common.client import ServiceClient
from common.clock import clock
from common.db import Database
from common.idempotency import keep
from common.ids import derived_id, new_id
from common.roles import Role
from intake.applications import assessing
from intake.applications import service as applications
from intake.applications.states import State
from intake.reviews.formal import assessment_id_of
from intake.reviews.schemas import ReassessedOut, ReassessIn
from intake.reviews.service import check

ACTION: Final = "reassess"
STAGES: Final = {
    State.submitted: "submission",
    State.initial_review_passed: "submission",
    State.recommended: "recommendation",
    State.accepted: "formal_review",
    State.expert_review: "formal_review",
    State.proposed: "formal_review",
    State.public_notice: "approval",
    State.objection_handling: "approval",
}


async def reassess(
    db: Database,
    client: ServiceClient,
    actor: Actor,
    application_id: UUID,
    wanted: ReassessIn,
    key: str | None,
) -> ReassessedOut:
    """Take another assessment as of now, by the pinned version of the guide.

    Args:
        key: the caller's idempotency key; a repeated call finds the assessment that it took.

    Raises:
        as `reviews.service.begin`.
        OwnerUnavailable: eligibility is away; repeat later.
    """
    async with db.read(actor) as session:
        application = await applications.visible(session, actor, application_id)
        await check(session, actor, application, ACTION, Role.officer)
    stage = STAGES[State(application.state)]
    assessment = await assessing.assess(
        db,
        client,
        application,
        stage,
        clock.business(),
        derived_id(application_id, f"{ACTION}/{actor.label}/{key}") if key else new_id(),
        again={"reason": wanted.reason, "by": actor.label},
    )
    async with db.write(actor) as session:
        application = await applications.visible(session, actor, application_id)
        taken = ReassessedOut(
            application=await applications.present_one(session, actor, application),
            assessment_id=assessment_id_of(assessment),
            stage=stage,
            eligible=assessment.eligible,
            findings=assessment.findings,
        )
        await audit.record(
            session,
            actor,
            action="application.reassessed",
            object_type="assessment",
            object_id=taken.assessment_id,
            city=application.city,
            application_id=application_id,
            data={"stage": stage, "eligible": assessment.eligible},
        )
        await keep(session, taken, status=201)
    return taken
