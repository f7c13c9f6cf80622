"""Reads of extracted texts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from documents.texts.models import FileText


async def get(session: AsyncSession, file_id: UUID) -> FileText | None:
    found = await session.execute(select(FileText).where(FileText.file_id == file_id))
    return found.scalar_one_or_none()


async def locked(session: AsyncSession, file_id: UUID) -> FileText | None:
    """The row FOR UPDATE."""
    found = await session.execute(select(FileText).where(FileText.file_id == file_id).with_for_update())
    return found.scalar_one_or_none()


async def states(session: AsyncSession, file_ids: Sequence[UUID]) -> dict[UUID, str]:
    """State by file."""
    rows = await session.execute(
        select(FileText.file_id, FileText.state).where(FileText.file_id.in_(list(file_ids)))
    )
    return {row.file_id: row.state for row in rows}


async def uncount(session: AsyncSession, file_id: UUID) -> None:
    """Take the last attempt back."""
    await session.execute(
        update(FileText).where(FileText.file_id == file_id).values(attempts=FileText.attempts - 1)
    )
