"""Reads of stored files."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from documents.files.models import Sealing, StoredFile


async def get(session: AsyncSession, file_id: UUID) -> StoredFile | None:
    found = await session.execute(select(StoredFile).where(StoredFile.id == file_id))
    return found.scalar_one_or_none()


async def many(session: AsyncSession, ids: Sequence[UUID]) -> list[StoredFile]:
    """Those of the ids that are visible, by id."""
    rows = await session.execute(
        select(StoredFile).where(StoredFile.id.in_(list(ids))).order_by(StoredFile.id)
    )
    return list(rows.scalars())


async def of_applications(session: AsyncSession, application_ids: Sequence[UUID]) -> list[StoredFile]:
    """All versions of all files of the applications, oldest first."""
    rows = await session.execute(
        select(StoredFile)
        .where(StoredFile.application_id.in_(list(application_ids)))
        .order_by(StoredFile.completed_at, StoredFile.id)
    )
    return list(rows.scalars())


async def completed_by(session: AsyncSession, application_id: UUID, instant: datetime) -> list[StoredFile]:
    """All versions completed at or before the instant (business time), oldest first."""
    rows = await session.execute(
        select(StoredFile)
        .where(StoredFile.application_id == application_id, StoredFile.completed_at <= instant)
        .order_by(StoredFile.completed_at, StoredFile.version_no, StoredFile.id)
    )
    return list(rows.scalars())


async def last_version(session: AsyncSession, application_id: UUID, material: str, name: str) -> int:
    """Highest version number of a document; 0 when there is none."""
    found = await session.execute(
        select(func.max(StoredFile.version_no)).where(
            StoredFile.application_id == application_id,
            StoredFile.material == material,
            StoredFile.name == name,
        )
    )
    return found.scalar_one_or_none() or 0


async def known_keys(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    """Those of the object keys that a row names."""
    rows = await session.execute(select(StoredFile.object_key).where(StoredFile.object_key.in_(list(keys))))
    return set(rows.scalars())


async def sealings(session: AsyncSession, file_ids: Sequence[UUID]) -> list[Sealing]:
    """The sealed bundles that these files are in."""
    rows = await session.execute(select(Sealing).where(Sealing.file_id.in_(list(file_ids))))
    return list(rows.scalars())


async def sealed_in(session: AsyncSession, bundle_id: UUID) -> list[Sealing]:
    """What a sealed bundle holds."""
    rows = await session.execute(select(Sealing).where(Sealing.bundle_id == bundle_id))
    return list(rows.scalars())
