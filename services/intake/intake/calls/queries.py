"""Reading and writing what bureaus announce of calls."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from intake.calls.models import CallAnnouncement


async def announcements(session: AsyncSession, guides: Collection[str]) -> dict[str, list[CallAnnouncement]]:
    """Every announcement of these calls, oldest first; calls without one are left out."""
    found: dict[str, list[CallAnnouncement]] = {}
    if guides:
        query = select(CallAnnouncement).where(CallAnnouncement.guide.in_(guides))
        query = query.order_by(CallAnnouncement.announced_at, CallAnnouncement.id)
        for one in await session.scalars(query):
            found.setdefault(one.guide, []).append(one)
    return found
