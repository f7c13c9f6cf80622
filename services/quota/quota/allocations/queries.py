"""Statements on allocations."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import new_id
from quota.allocations.models import ActiveAllocation, Allocation


async def find(session: AsyncSession, guide: str, version: str) -> Allocation | None:
    found = await session.scalars(
        select(Allocation).where(Allocation.guide == guide, Allocation.version == version)
    )
    return found.one_or_none()


async def active_version(session: AsyncSession, guide: str) -> str | None:
    found = await session.scalars(select(ActiveAllocation.version).where(ActiveAllocation.guide == guide))
    return found.one_or_none()


async def point_to(session: AsyncSession, city: str, guide: str, version: str, at: datetime) -> None:
    """Make this version the active one."""
    fresh = insert(ActiveAllocation).values(
        id=new_id(), city=city, guide=guide, version=version, activated_at=at
    )
    await session.execute(
        fresh.on_conflict_do_update(
            index_elements=["city", "guide"],
            set_={"version": fresh.excluded.version, "activated_at": fresh.excluded.activated_at},
        )
    )
