"""Reading what the comparison needs, in the order of ids."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from documents.bundles.models import Bundle
from documents.files.models import StoredFile
from documents.guides.models import StagedGuide


async def bundles(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Bundle]:
    """Bundles by id."""
    query = select(Bundle).order_by(Bundle.id).limit(limit)
    if after is not None:
        query = query.where(Bundle.id > after)
    return (await session.scalars(query)).all()


async def files(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[StoredFile]:
    """Files by id."""
    query = select(StoredFile).order_by(StoredFile.id).limit(limit)
    if after is not None:
        query = query.where(StoredFile.id > after)
    return (await session.scalars(query)).all()


async def sha256_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Content hash by file, of those that are here."""
    found = await session.execute(select(StoredFile.id, StoredFile.sha256).where(StoredFile.id.in_(ids)))
    return {row.id: row.sha256 for row in found}


async def versions(session: AsyncSession) -> list[tuple[str, str]]:
    """(guide, version) of every staged version."""
    query = select(StagedGuide.guide, StagedGuide.version).order_by(StagedGuide.guide, StagedGuide.version)
    return [(row.guide, row.version) for row in await session.execute(query)]
