"""Approval (立项): after the notice, on a fresh assessment; award and publication in one transaction.

A call without public notice has its projects approved from the proposal on. `direct` approves drafts.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit, faults
from common.actor import Actor
from common.client import ServiceClient
from common.clock import clock
from common.db import Database
from common.errors import Conflict, NotFound, RevisionMismatch, constraint_error
from common.idempotency import keep
from common.ids import new_id
from common.roles import Role
from guide import Pack
from intake.applications import assessing, states
from intake.applications import queries as application_queries
from intake.applications import service as applications
from intake.applications.facts import Fact, contributors
from intake.applications.models import Application
from intake.awards import queries
from intake.awards.models import Award
from intake.awards.schemas import ApprovedOut, ApproveIn, AwardOut
from intake.clients import AssessmentAnswer
from intake.feed import queries as feed
from intake.feed.publishing import Change, publish
from intake.guides import service as guides
from intake.notices import service as notices
from intake.people import queries as people
from intake.registering import service as registering
from intake.reviews.formal import assessment_id_of, demand_admitted
from intake.reviews.service import begin, check, pack_of

STAGE = "approval"
ASSESSED = faults.point("intake.approve.assessed")
AWARDED = faults.point("intake.approve.awarded")
PUBLISHED = faults.point("intake.approve.published")
COMMITTED = faults.point("intake.approve.committed")


class NoticeRunning(Conflict):
    code = "intake.notice_running"
    title_zh, title_en = "公示尚未结束", "The notice has not ended"


class ObjectionsOpen(Conflict):
    code = "intake.objections_open"
    title_zh, title_en = "尚有未处理的异议", "Objections are open"


class Approved(Conflict):
    code = "intake.already_approved"
    title_zh, title_en = "该项目已立项", "The application has been approved"


constraint_error("uq_awards_application_id", Approved)


async def approve(
    db: Database, client: ServiceClient, actor: Actor, application_id: UUID, wanted: ApproveIn
) -> ApprovedOut:
    """Approve a project whose notice is over and to which no objection is open.

    A grant that is named is assessed in place of the one that was applied for: what it raises must still be
    covered by own funds (inventory, trap 50).

    Raises:
        as `reviews.service.begin`.
        NoticeRunning, ObjectionsOpen: too early.
        FindingsUndecided: the assessment taken now does not admit it.
        OwnerUnavailable: eligibility is away, or an owner whose facts are needed; repeat later.
        RevisionMismatch: the application changed meanwhile.
    """
    async with db.read(actor) as session:
        application = await applications.visible(session, actor, application_id)
        await _may(session, actor, application)
        revision = application.revision
    now = clock.business()
    assessment = await assessing.assess(
        db, client, application, STAGE, now, new_id(), extra_facts=granted_facts(wanted, now)
    )
    await faults.reach(ASSESSED)
    demand_admitted(assessment)
    async with db.write(actor) as session:
        application = await begin(session, actor, application_id, "approve", Role.bureau_head)
        await _may(session, actor, application)
        if application.revision != revision:
            raise RevisionMismatch(extra={"revision": application.revision})
        pack = await pack_of(session, application)
        approved = await establish(session, actor, application, pack, "approve", wanted, assessment)
    await faults.reach(COMMITTED)
    return approved


async def establish(
    session: AsyncSession,
    actor: Actor,
    application: Application,
    pack: Pack,
    action: str,
    wanted: ApproveIn,
    assessment: AssessmentAnswer,
) -> ApprovedOut:
    """Bring an application to approved by this action, with its award, its number and its place on the list;
    the caller holds its lock and has checked the move."""
    states.advance(application, action)
    award = await _award(session, actor, application, action, wanted, assessment_id_of(assessment))
    shown = await applications.present_one(session, actor, application)
    change = await _change(session, pack, application, award)
    await registering.note(session, application, "in_progress", award.approved_at)
    await faults.reach(AWARDED)
    # last: the feed's counter is the last lock of the transaction
    item = await publish(session, change)
    approved = ApprovedOut(application=shown, award=AwardOut.model_validate(award), seq=item.seq)
    await keep(session, approved)
    await faults.reach(PUBLISHED)
    return approved


async def _may(session: AsyncSession, actor: Actor, application: Application) -> None:
    await check(session, actor, application, "approve", Role.bureau_head)
    if states.Step.public_notice not in application.steps:
        return
    notice, objections = await notices.standing(session, application.id)
    if notice is None or notices.state_of(notice, clock.business()) != "ended":
        raise NoticeRunning(extra={"ends_at": notice.ends_at.isoformat() if notice else None})
    if objections:
        raise ObjectionsOpen(extra={"open": objections})


def granted_facts(wanted: ApproveIn, now: datetime) -> list[Fact]:
    """The grant that is named, in place of the one that was applied for."""
    return [Fact("budget.requested_grant", wanted.grant, "approval", now)] if wanted.grant is not None else []


async def _award(
    session: AsyncSession,
    actor: Actor,
    application: Application,
    action: str,
    wanted: ApproveIn,
    assessment_id: UUID,
) -> Award:
    now = clock.business()
    application.rely_on(STAGE, assessment_id)
    application.failure = None
    application.touch(now)
    number = await queries.next_number(session, application.city, application.guide)
    award = Award(
        id=new_id(),
        city=application.city,
        application_id=application.id,
        guide=application.guide,
        category=application.category,
        number=f"{application.guide}-{number:04d}",
        grant=wanted.grant,
        assessment_id=assessment_id,
        approved_by=actor.label,
        approved_at=now,
    )
    session.add(award)
    await session.flush()
    await audit.record(
        session,
        actor,
        action="application.approved",
        object_type="award",
        object_id=award.id,
        city=award.city,
        application_id=application.id,
        data={"number": award.number, "assessment_id": assessment_id, "by": action},
    )
    return award


async def publish_missing(session: AsyncSession, actor: Actor, award_id: UUID) -> tuple[int, bool]:
    """Put an award on the list that was never there; the number of its newest item, and whether it is new.

    Award and item are written in one transaction, so only a restore can have parted them.

    Raises:
        NotFound: no such award in the session's cities.
    """
    award = await queries.get(session, award_id)
    application = await application_queries.locked(session, award.application_id, None) if award else None
    if award is None or application is None:
        raise NotFound
    known = await feed.latest_of(session, award.city, award.id)
    if known is not None:
        return known.seq, False
    change = await _change(session, await pack_of(session, application), application, award)
    await audit.record(
        session,
        actor,
        action="award.published_again",
        object_type="award",
        object_id=award.id,
        city=award.city,
        application_id=application.id,
    )
    return (await publish(session, change)).seq, True


async def _change(session: AsyncSession, pack: Pack, application: Application, award: Award) -> Change:
    unit = await people.unit_by_id(session, application.unit_id)
    leader = application.leader_id
    names = await people.names(session, [leader]) if leader else {}
    record = {
        "project_number": award.number,
        "title": application.title,
        "guide": award.guide,
        "year": pack.call.year,
        "category": award.category,
        "unit_name": unit.name,
        "unit_uscc": unit.uscc,
        "region": unit.reg_region,
        "office": application.office,
        "grant": award.grant,
        "approved_on": award.approved_at.astimezone(pack.call.time_zone).date().isoformat(),
        "leader_name": names.get(leader) if leader else None,
    }
    return Change(
        city=award.city,
        entity_id=award.id,
        op="upsert",
        effective_at=award.approved_at,
        state=application.state,
        guide=award.guide,
        year=pack.call.year,
        category=award.category,
        region=unit.reg_region,
        record=record,
    )


async def of_applications(session: AsyncSession, actor: Actor, ids: Iterable[UUID]) -> list[AwardOut]:
    """The awards of these applications, as far as the actor sees the applications with unit and team."""
    found = await queries.of_applications(session, ids)
    seen = await application_queries.seen_openly(session, actor, [one.application_id for one in found])
    return [AwardOut.model_validate(one) for one in found if one.application_id in seen]


async def facts(session: AsyncSession, application: Application) -> list[Fact]:
    """`approved_count` of what has been submitted."""
    if application.pack_version is None:
        return []
    pack = await guides.pack(session, application.guide, application.pack_version)
    return await approved_count(session, application, pack)


async def approved_count(session: AsyncSession, application: Application, pack: Pack) -> list[Fact]:
    """`selection.approved_count`: awards under the category's cap, this one included (vocabulary 10).

    Which categories share a cap is the pack's (`cap_group`, trap 12).
    """
    own = pack.leaf(application.category)
    sharing = [
        one.id
        for one in pack.leaves
        if one.id == own.id or (own.cap_group is not None and one.cap_group == own.cap_group)
    ]
    others = await queries.count(session, application.guide, sharing, without=application.id)
    return [Fact("selection.approved_count", others + 1, "applications", clock.business())]


contributors.append(facts)
