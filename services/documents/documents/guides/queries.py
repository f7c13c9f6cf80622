"""Reads of staged guides."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from documents.guides.models import StagedGuide


async def text_of(session: AsyncSession, city: str, guide: str, version: str) -> str | None:
    """The staged text, if it is there."""
    found = await session.execute(
        select(StagedGuide.text).where(
            StagedGuide.city == city, StagedGuide.guide == guide, StagedGuide.version == version
        )
    )
    return found.scalar_one_or_none()
