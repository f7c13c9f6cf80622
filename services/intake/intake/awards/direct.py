"""Direct grant (直接立项): projects that a guide approves without application or review, such as the twenty
that Hengyang signed at a meeting. Whether one is among them, the rules of its category say."""

from uuid import UUID

from common import faults
from common.actor import Actor
from common.client import ServiceClient
from common.clock import clock
from common.db import Database
from common.errors import RevisionMismatch
from common.ids import new_id
from common.roles import Role
from intake.applications import assessing
from intake.applications import service as applications
from intake.awards.schemas import ApprovedOut, ApproveIn
from intake.awards.service import ASSESSED, COMMITTED, STAGE, establish
from intake.guides import packs
from intake.guides import service as guides
from intake.reviews.formal import demand_admitted
from intake.reviews.service import begin, check

ACTION = "grant_directly"


async def grant(
    db: Database, client: ServiceClient, actor: Actor, application_id: UUID, wanted: ApproveIn
) -> ApprovedOut:
    """Approve a draft on an assessment taken now, by the pack in force.

    Raises:
        as `reviews.service.begin`; `step_not_used` where the guide grants nothing directly in the category.
        FindingsUndecided: the assessment does not admit it.
        OwnerUnavailable: eligibility is away, or an owner whose facts are needed; repeat later.
        RevisionMismatch: the draft changed meanwhile.
    """
    async with db.read(actor) as session:
        application = await applications.visible(session, actor, application_id)
        await check(session, actor, application, ACTION, Role.bureau_head)
        revision = application.revision
    assessment = await assessing.assess(db, client, application, STAGE, clock.business(), new_id())
    await faults.reach(ASSESSED)
    demand_admitted(assessment)
    async with db.write(actor) as session:
        application = await begin(session, actor, application_id, ACTION, Role.bureau_head)
        if application.revision != revision:
            raise RevisionMismatch(extra={"revision": application.revision})
        pack = await guides.pack(session, application.guide, assessment.pack_version)
        application.pack_version = pack.version
        application.steps = packs.steps(pack, application.category)
        granted = await establish(session, actor, application, pack, ACTION, wanted, assessment)
    await faults.reach(COMMITTED)
    return granted
