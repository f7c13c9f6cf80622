"""Reads of sealed bundles."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from documents.bundles.models import Bundle


async def many(session: AsyncSession, ids: Sequence[UUID]) -> list[Bundle]:
    """Those of the ids that are visible."""
    rows = await session.execute(select(Bundle).where(Bundle.id.in_(list(ids))).order_by(Bundle.id))
    return list(rows.scalars())
