"""Public notices (公示) over proposed applications."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import FieldError, Unprocessable
from common.ids import new_id
from common.roles import Role
from intake.applications import states
from intake.applications.facts import Fact, contributors
from intake.applications.models import Application
from intake.guides import service as guides
from intake.notices import queries
from intake.notices.models import Notice, NoticeEntry
from intake.notices.schemas import NoticeIn, NoticeOut, NoticeProjectOut
from intake.people import queries as people
from intake.reviews.service import begin

BUREAU = (Role.officer, Role.bureau_head)
# a notice may begin a little before it is entered, so that a day's notice can be entered on that day
_BACKDATED = timedelta(days=1)


async def publish(session: AsyncSession, actor: Actor, wanted: NoticeIn) -> NoticeOut:
    """Give notice of a set of proposed applications, all or none.

    Raises:
        as `reviews.service.begin`, for any of the set.
        Unprocessable: a period that ends before it begins, lies in the past or is shorter than the guide
            says; one named twice or of another call.
    """
    if len(set(wanted.application_ids)) != len(wanted.application_ids):
        raise Unprocessable(errors=[FieldError("/application_ids", "twice", "an application is named twice")])
    found = {
        one: await begin(session, actor, one, "publish_notice", *BUREAU)
        for one in sorted(wanted.application_ids)
    }
    applications = [found[one] for one in wanted.application_ids]
    faults = _other_call(applications, wanted.guide)
    faults += await _period(session, wanted)
    if faults:
        raise Unprocessable(errors=faults)
    notice = Notice(
        id=new_id(),
        city=applications[0].city,
        guide=wanted.guide,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        where_zh=wanted.where_zh,
        created_by=actor.label,
        created_at=clock.business(),
    )
    notice.entries = await _entries(session, notice, applications)
    session.add(notice)
    for application in applications:
        states.advance(application, "publish_notice")
        application.touch(notice.created_at)
        await audit.record(
            session,
            actor,
            action="application.notice_published",
            object_type="notice",
            object_id=notice.id,
            city=notice.city,
            application_id=application.id,
        )
    return present(notice)


def _other_call(applications: Sequence[Application], guide: str) -> list[FieldError]:
    return [
        FieldError(f"/application_ids/{place}", "other_call", "an application of another call")
        for place, application in enumerate(applications)
        if application.guide != guide or application.city != applications[0].city
    ]


async def _period(session: AsyncSession, wanted: NoticeIn) -> list[FieldError]:
    now = clock.business()
    if wanted.ends_at <= max(wanted.starts_at, now):
        return [FieldError("/ends_at", "period", "ends before it begins, or in the past")]
    if wanted.starts_at < now - _BACKDATED:
        return [FieldError("/starts_at", "period", "begins more than a day ago")]
    pack = await guides.current(session, wanted.guide)
    days = pack.life_cycle.notice_days if pack else None
    if days is not None and wanted.ends_at - wanted.starts_at < timedelta(days=days):
        return [FieldError("/ends_at", "period", f"the guide asks for {days} days")]
    return []


async def _entries(
    session: AsyncSession, notice: Notice, applications: Sequence[Application]
) -> list[NoticeEntry]:
    units = await queries.unit_names(session, {one.unit_id for one in applications})
    leaders = await people.names(session, {one.leader_id for one in applications if one.leader_id})
    return [
        NoticeEntry(
            id=new_id(),
            city=notice.city,
            notice_id=notice.id,
            application_id=one.id,
            position=position,
            title=one.title,
            category=one.category,
            unit_name=units[one.unit_id],
            leader_name=leaders.get(one.leader_id) if one.leader_id else None,
        )
        for position, one in enumerate(applications)
    ]


async def listed(
    session: AsyncSession, *, guide: str | None = None, ids: Iterable[UUID] | None = None
) -> list[NoticeOut]:
    """Notices in the session's cities, newest first; anyone may read them."""
    return [present(one) for one in await queries.notices(session, guide=guide, ids=ids)]


def state_of(notice: Notice, now: datetime) -> Literal["scheduled", "open", "ended"]:
    """Where the notice stands at a business instant; its last instant still belongs to it."""
    if now < notice.starts_at:
        return "scheduled"
    return "open" if now <= notice.ends_at else "ended"


def present(notice: Notice) -> NoticeOut:
    """What the public sees of a notice."""
    return NoticeOut(
        id=notice.id,
        city=notice.city,
        guide=notice.guide,
        starts_at=notice.starts_at,
        ends_at=notice.ends_at,
        where_zh=notice.where_zh,
        state=state_of(notice, clock.business()),
        application_ids=[entry.application_id for entry in notice.entries],
        projects=[NoticeProjectOut.model_validate(entry) for entry in notice.entries],
    )


async def standing(session: AsyncSession, application_id: UUID) -> tuple[Notice | None, int]:
    """The notice an application is on, and how many objections to it are open."""
    return (
        await queries.last_of(session, application_id),
        await queries.count_open(session, application_id),
    )


async def facts(session: AsyncSession, application: Application) -> list[Fact]:
    """What notices state about an application: `notice.*`."""
    notice, objections = await standing(session, application.id)
    if notice is None:
        return []
    at = notice.created_at
    return [
        Fact("notice.start", notice.starts_at.isoformat(), "intake", at),
        Fact("notice.end", notice.ends_at.isoformat(), "intake", at),
        Fact("notice.open_objections", objections, "intake", clock.business()),
    ]


contributors.append(facts)
