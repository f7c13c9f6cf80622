"""Reading proposals."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from intake.proposals.models import Proposal


async def many(session: AsyncSession, ids: Iterable[UUID]) -> Sequence[Proposal]:
    """These proposals with their entries."""
    query = select(Proposal).where(Proposal.id.in_(list(ids))).options(selectinload(Proposal.entries))
    return (await session.scalars(query.order_by(Proposal.id))).all()
