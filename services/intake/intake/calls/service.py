"""Calls: derived from the packs in force; nothing of theirs is stored."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from common.clock import clock
from guide import Pack
from intake.applications import states
from intake.calls.schemas import CallOut
from intake.guides import packs
from intake.guides import service as guides

_STATES = {"window_not_open": "published", "window_closed": "closed"}


def describe(pack: Pack, now: datetime) -> CallOut:
    """The call of a pack at an instant."""
    window = packs.window(pack)
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
    )


async def listed(session: AsyncSession, ids: list[str] | None = None) -> list[CallOut]:
    """The calls in force, by id."""
    now = clock.business()
    return [describe(pack, now) for pack in await guides.in_force(session, ids)]


async def windows(session: AsyncSession, ids: Iterable[str]) -> dict[str, packs.Window]:
    """The windows of these calls; calls that are not in force are left out."""
    found = sorted(set(ids))
    return {pack.id: packs.window(pack) for pack in await guides.in_force(session, found)} if found else {}
