"""Reading register entries."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Text, and_, cast, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.ext.asyncio import AsyncSession

from eligibility.registers.models import EntryRevision


async def touching(
    session: AsyncSession, city: str, wanted: Mapping[str, Sequence[str]]
) -> Sequence[EntryRevision]:
    """Current revisions of one city's entries that one of the keys finds.

    Args:
        wanted: register -> keys.
    """
    found = [
        and_(
            EntryRevision.register == register,
            EntryRevision.subject_keys.op("&&")(cast(array(list(keys)), ARRAY(Text))),
        )
        for register, keys in wanted.items()
        if keys
    ]
    if not found:
        return []
    query = (
        select(EntryRevision)
        .where(EntryRevision.city == city, EntryRevision.superseded_at.is_(None), or_(*found))
        .order_by(EntryRevision.valid_from, EntryRevision.entry_id)
    )
    return (await session.scalars(query)).all()


async def current(session: AsyncSession, register: str, entry_id: UUID) -> EntryRevision | None:
    """The revision of an entry that holds now."""
    query = select(EntryRevision).where(
        EntryRevision.register == register,
        EntryRevision.entry_id == entry_id,
        EntryRevision.superseded_at.is_(None),
    )
    return (await session.scalars(query)).one_or_none()


async def history(session: AsyncSession, register: str, entry_id: UUID) -> Sequence[EntryRevision]:
    """All revisions of an entry, oldest first."""
    query = (
        select(EntryRevision)
        .where(EntryRevision.register == register, EntryRevision.entry_id == entry_id)
        .order_by(EntryRevision.revision)
    )
    return (await session.scalars(query)).all()


async def page(
    session: AsyncSession, register: str, cities: Iterable[str], after: UUID | None, limit: int
) -> Sequence[EntryRevision]:
    """Current revisions of a register by entry id, after the given one."""
    query = (
        select(EntryRevision)
        .where(
            EntryRevision.register == register,
            EntryRevision.city.in_(sorted(cities)),
            EntryRevision.superseded_at.is_(None),
        )
        .order_by(EntryRevision.entry_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(EntryRevision.entry_id > after)
    return (await session.scalars(query)).all()
