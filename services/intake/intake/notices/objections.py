"""Objections (异议): anyone who is signed in may file one while the notice runs; the bureau decides."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import Conflict, NotFound
from common.ids import new_id
from intake.applications import queries as applications
from intake.applications import states
from intake.applications.models import Application
from intake.notices import queries
from intake.notices.models import Objection
from intake.notices.schemas import ObjectionDecisionIn, ObjectionIn, ObjectionSearch
from intake.notices.service import BUREAU, state_of
from intake.reviews.service import check


class NoticeNotOpen(Conflict):
    code = "intake.notice_not_open"
    title_zh, title_en = "不在公示期内", "The notice is not running"


class ObjectionDecided(Conflict):
    code = "intake.objection_decided"
    title_zh, title_en = "该异议已有处理决定", "The objection has been decided"


async def file(session: AsyncSession, actor: Actor, notice_id: UUID, wanted: ObjectionIn) -> Objection:
    """File an objection to one project of a notice.

    Raises:
        NotFound: no such notice in the actor's cities, or the project is not on it.
        NoticeNotOpen: before it begins or after it ended.
        MoveRefused: the project is no longer under notice.
    """
    notice = await queries.notice(session, notice_id)
    if notice is None or wanted.application_id not in {one.application_id for one in notice.entries}:
        raise NotFound
    now = clock.business()
    state = state_of(notice, now)
    if state != "open":
        raise NoticeNotOpen(extra={"state": state})
    application = await applications.locked(session, wanted.application_id, None)
    if application is None:
        raise NotFound
    states.check(application, "object", actor, now, None)
    states.advance(application, "object")
    application.touch(now)
    objection = Objection(
        id=new_id(),
        city=notice.city,
        notice_id=notice.id,
        application_id=application.id,
        state="open",
        text=wanted.text,
        filed_by=actor.label,
        filed_at=now,
    )
    session.add(objection)
    await _record(session, actor, objection, "objection.filed", {})
    return objection


async def decide(
    session: AsyncSession, actor: Actor, objection_id: UUID, wanted: ObjectionDecisionIn
) -> Objection:
    """Uphold (the project is rejected, other open objections to it fall with it) or reject an objection.

    Raises:
        NotFound, Forbidden, MoveRefused: as `reviews.service.begin`.
        ObjectionDecided: it has been.
    """
    known = await queries.objection(session, objection_id)
    if known is None:
        raise NotFound
    actor.require(*BUREAU, city=known.city)
    # the application first: the order in which all lock
    application = await applications.locked(session, known.application_id, actor)
    objection = await queries.objection(session, objection_id, lock=True)
    if application is None or objection is None:
        raise NotFound
    if objection.state != "open":
        raise ObjectionDecided(extra={"state": objection.state})
    await check(session, actor, application, "decide_objection", *BUREAU)
    _close(objection, actor, wanted)
    others = [one for one in await queries.open_objections(session, application.id) if one.id != objection.id]
    if wanted.decision == "upheld":
        for other in others:
            _close(other, actor, wanted)
        application.fail_with("intake.objection_upheld", [], wanted.reason)
    _advance(application, wanted.decision, bool(others))
    await _record(session, actor, objection, "objection.decided", {"decision": wanted.decision})
    return objection


def _advance(application: Application, decision: str, others_open: bool) -> None:
    outcome = "kept_open" if decision == "rejected" and others_open else decision
    states.advance(application, "decide_objection", outcome)
    application.touch(clock.business())


def _close(objection: Objection, actor: Actor, wanted: ObjectionDecisionIn) -> None:
    objection.state = wanted.decision
    objection.reason = wanted.reason
    objection.decided_by = actor.label
    objection.decided_at = clock.business()


async def search(session: AsyncSession, actor: Actor, wanted: ObjectionSearch) -> Sequence[Objection]:
    """Objections: all for the bureau, one's own for others."""
    everything = actor.has_any(BUREAU)
    found = await queries.objections(
        session,
        notice_ids=wanted.notice_ids,
        application_ids=wanted.application_ids,
        state=wanted.state,
        filed_by=None if everything else actor.label,
    )
    return [one for one in found if actor.has_any(BUREAU, one.city) or one.filed_by == actor.label]


async def _record(
    session: AsyncSession, actor: Actor, objection: Objection, action: str, data: dict[str, str]
) -> None:
    await audit.record(
        session,
        actor,
        action=action,
        object_type="objection",
        object_id=objection.id,
        city=objection.city,
        application_id=objection.application_id,
        data=data,
    )
