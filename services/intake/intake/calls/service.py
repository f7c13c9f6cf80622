"""Calls: derived from the packs in force, and from what the bureau announces where a guide is silent."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import Conflict, FieldError, NotFound, Unprocessable
from common.ids import new_id
from common.roles import Role
from guide import Pack
from guide.window import Announced, Window, call_window
from intake.applications import states
from intake.calls import queries
from intake.calls.models import CallAnnouncement
from intake.calls.schemas import AnnounceIn, AnnouncementOut, CallOut
from intake.calls.states import Kind, WindowSource
from intake.guides import queries as guide_queries
from intake.guides import service as guides
from intake.people import service as people

BUREAU = (Role.officer, Role.bureau_head)
_STATES = {"window_not_announced": "published", "window_not_open": "published", "window_closed": "closed"}


class WindowStated(Conflict):
    code = "intake.window_stated"
    title_zh, title_en = "申报指南已规定该时间", "The guide itself says when"


class CallOpened(Conflict):
    code = "intake.call_opened"
    title_zh, title_en = "申报已经开始", "The call has opened"


def window_of(pack: Pack, announced: Sequence[CallAnnouncement]) -> Window:
    """The window of a pack; an end on which it is silent as it was last announced (oldest first)."""
    last = {one.kind: one.at.astimezone(pack.call.time_zone) for one in announced}
    return call_window(pack, Announced(last.get(Kind.open.value), last.get(Kind.close.value)))


def _source(pack: Pack, window: Window) -> WindowSource:
    if pack.call.open_at is not None and pack.call.close_at is not None:
        return WindowSource.stated
    return WindowSource.not_stated if window.open_at is None else WindowSource.announced


def describe(pack: Pack, announced: Sequence[CallAnnouncement], now: datetime) -> CallOut:
    """The call of a pack at an instant."""
    window = window_of(pack, announced)
    reason = states.window_reason(window, now)
    return CallOut(
        id=pack.id,
        city=pack.city,
        title_zh=pack.call.title_zh,
        title_en=pack.call.title_en,
        year=pack.call.year,
        issuer=pack.call.issuer,
        open_at=window.open_at,
        close_at=window.close_at,
        close_inclusive=window.close_inclusive,
        state=_STATES[reason] if reason else "open",
        version=pack.version,
        window_source=_source(pack, window),
        announcements=[_told(pack, one) for one in announced],
    )


def _told(pack: Pack, one: CallAnnouncement) -> AnnouncementOut:
    zone = pack.call.time_zone
    return AnnouncementOut(
        kind=Kind(one.kind),
        at=one.at.astimezone(zone),
        reason=one.reason,
        announced_at=one.announced_at.astimezone(zone),
    )


async def listed(session: AsyncSession, ids: list[str] | None = None) -> list[CallOut]:
    """The calls in force, by id."""
    now, found = clock.business(), await guides.in_force(session, ids)
    announced = await queries.announcements(session, [pack.id for pack in found])
    return [describe(pack, announced.get(pack.id, []), now) for pack in found]


async def windows(session: AsyncSession, ids: Iterable[str]) -> dict[str, Window]:
    """The windows of these calls; calls that are not in force are left out."""
    wanted = sorted(set(ids))
    found = await guides.in_force(session, wanted) if wanted else []
    announced = await _announced(session, found)
    return {pack.id: window_of(pack, announced.get(pack.id, [])) for pack in found}


async def window(session: AsyncSession, pack: Pack) -> Window:
    """The window of the call of this pack, which need not be the one in force."""
    return window_of(pack, (await _announced(session, [pack])).get(pack.id, []))


async def _announced(session: AsyncSession, found: Iterable[Pack]) -> dict[str, list[CallAnnouncement]]:
    """Announcements of those whose guide is silent on an end; what a guide states needs none."""
    silent = [pack.id for pack in found if pack.call.open_at is None or pack.call.close_at is None]
    return await queries.announcements(session, silent)


async def announce(
    session: AsyncSession, actor: Actor, guide: str, kind: Kind, wanted: AnnounceIn
) -> CallOut:
    """Say when a call opens or closes, where its guide does not. A later word replaces an earlier one; none
    reaches back, so nobody becomes late or early by it.

    Raises:
        NotFound: no such call in force.
        Forbidden: not an officer or head of the city's bureau.
        WindowStated: the guide says when.
        CallOpened: the opening has passed and cannot be moved.
        Unprocessable: an instant in the past, or a close that does not come after the opening.
    """
    # the row's lock puts announcements of one call one after the other
    pointer = await guide_queries.get(session, guide, lock=True)
    pack = await guides.current(session, guide) if pointer is not None else None
    if pack is None:
        raise NotFound
    actor.require(*BUREAU, city=pack.city)
    await people.confirm(session, actor, *BUREAU, city=pack.city)
    now = clock.business()
    at, known = wanted.at or now, await window(session, pack)
    _check(pack, known, kind, at, now)
    announcement = CallAnnouncement(
        id=new_id(),
        city=pack.city,
        guide=pack.id,
        kind=kind.value,
        at=at,
        reason=wanted.reason,
        announced_by=actor.label,
        announced_at=now,
    )
    session.add(announcement)
    await session.flush()
    await audit.record(
        session,
        actor,
        action=f"call.{kind.value}_announced",
        object_type="call",
        object_id=announcement.id,
        city=pack.city,
        data={"guide": pack.id, "at": at.isoformat()},
    )
    announced = await queries.announcements(session, [pack.id])
    return describe(pack, announced[pack.id], now)


def _check(pack: Pack, known: Window, kind: Kind, at: datetime, now: datetime) -> None:
    stated = pack.call.open_at if kind is Kind.open else pack.call.close_at
    if stated is not None:
        raise WindowStated(extra={"at": stated.isoformat()})
    if kind is Kind.open and known.open_at is not None and known.open_at <= now:
        raise CallOpened(extra={"open_at": known.open_at.isoformat()})
    if at < now:
        raise Unprocessable(errors=[FieldError("/at", "past", "an announcement does not reach back")])
    opens, closes = (at, known.close_at) if kind is Kind.open else (known.open_at, at)
    if kind is Kind.close and opens is None:
        raise Unprocessable(errors=[FieldError("/at", "order", "say first when the call opens")])
    if opens is not None and closes is not None and closes <= opens:
        raise Unprocessable(errors=[FieldError("/at", "order", "the call would close before it opens")])
