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
from intake.applications import assessing, in_force
from intake.applications import service as applications
from intake.awards.schemas import ApprovedOut, ApproveIn
from intake.awards.service import ASSESSED, COMMITTED, STAGE, approved_count, establish, granted_facts
from intake.guides import packs
from intake.guides import service as guides
from intake.reviews.formal import demand_admitted
from intake.reviews.service import check

ACTION = "grant_directly"


async def grant(
    db: Database, client: ServiceClient, actor: Actor, application_id: UUID, wanted: ApproveIn
) -> ApprovedOut:
    """Approve a draft on an assessment taken now, by the pack in force.

    Raises:
        as `reviews.service.begin`; `step_not_used` where the guide grants nothing directly in the category.
        CallNotPublished, CategoryUnknown: no pack in force has the draft's category.
        FindingsUndecided: the assessment does not admit it.
        OwnerUnavailable: eligibility is away, or an owner whose facts are needed; repeat later.
        RevisionMismatch: the draft changed meanwhile.
    """
    async with db.read(actor) as session:
        application = await applications.visible(session, actor, application_id)
        steps = (await in_force.steps(session, [application]))[application.id]
        await check(session, actor, application, ACTION, Role.bureau_head, steps=steps)
        pack = await in_force.pack_for(session, application.guide, application.category)
        now = clock.business()
        extra = [*granted_facts(wanted, now), *await approved_count(session, application, pack)]
        revision = application.revision
    assessment = await assessing.assess(db, client, application, STAGE, now, new_id(), extra_facts=extra)
    await faults.reach(ASSESSED)
    demand_admitted(assessment)
    async with db.write(actor) as session:
        application = await applications.locked(session, actor, application_id)
        pack = await guides.pack(session, application.guide, assessment.pack_version)
        steps = packs.steps(pack, application.category)
        await check(session, actor, application, ACTION, Role.bureau_head, steps=steps)
        if application.revision != revision:
            raise RevisionMismatch(extra={"revision": application.revision})
        application.pack_version, application.steps = pack.version, steps
        granted = await establish(session, actor, application, pack, ACTION, wanted, assessment)
    await faults.reach(COMMITTED)
    return granted
