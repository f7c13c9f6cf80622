"""That a schema was brought back from a backup: an audit row in it, and what that row tells later."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.tables import AUDIT

_ACTION = "service.restored"
_NO_CITY = "000000"  # a restore is no matter of one city


async def record(session: AsyncSession, actor: Actor, backup: str, taken_at: datetime) -> None:
    """Write it down.

    Args:
        backup: which one, by its manifest's hash.
        taken_at: machine time as of which it holds.
    """
    await audit.record(
        session,
        actor,
        action=_ACTION,
        object_type="backup",
        object_id=backup,
        city=_NO_CITY,
        data={"taken_at": taken_at.isoformat()},
    )


async def spans(session: AsyncSession) -> list[tuple[datetime, datetime]]:
    """(taken, restored), machine time, of every restore of this schema: the rows of that time are lost."""
    table = session.info["metadata"].tables[AUDIT]
    rows = await session.execute(
        select(table.c.data, table.c.recorded_at)
        .where(table.c.city == _NO_CITY, table.c.action == _ACTION)
        .order_by(table.c.recorded_at)
    )
    return [(datetime.fromisoformat(row.data["taken_at"]), row.recorded_at) for row in rows]
