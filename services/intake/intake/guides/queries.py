"""Reading guides and their versions."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.clock import clock
from intake.guides.models import Guide, GuideVersion


async def get(session: AsyncSession, guide: str, *, lock: bool = False) -> Guide | None:
    """One guide, locked if it is to be changed."""
    query = select(Guide).where(Guide.id == guide)
    return await session.scalar(query.with_for_update() if lock else query)


async def version(session: AsyncSession, guide: str, version: str) -> GuideVersion | None:
    """One version with its text."""
    query = select(GuideVersion).where(GuideVersion.guide == guide, GuideVersion.version == version)
    return await session.scalar(query)


async def versions(session: AsyncSession, guide: str) -> list[GuideVersion]:
    """All versions of a guide, oldest first."""
    query = select(GuideVersion).where(GuideVersion.guide == guide).order_by(GuideVersion.created_at)
    return list(await session.scalars(query))


async def published(session: AsyncSession, ids: list[str] | None = None) -> list[Guide]:
    """Guides with a version in force, by id."""
    query = select(Guide).where(Guide.current_version.is_not(None)).order_by(Guide.id)
    return list(await session.scalars(query if ids is None else query.where(Guide.id.in_(ids))))


async def add_version(session: AsyncSession, city: str, guide: str, version: str, text: str) -> bool:
    """Add a guide and a version of it where they are not there yet; True if the version is new."""
    await session.execute(insert(Guide).values(id=guide, city=city).on_conflict_do_nothing())
    added = await session.execute(
        insert(GuideVersion)
        .values(
            city=city, guide=guide, version=version, text=text, state="staged", created_at=clock.business()
        )
        .on_conflict_do_nothing()
        .returning(GuideVersion.version)
    )
    return added.scalar_one_or_none() is not None
