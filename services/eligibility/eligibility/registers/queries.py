"""Reading register entries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from eligibility.registers.models import EntryRevision, RegisterImport


def _known(at: datetime | None) -> ColumnElement[bool]:
    """The revision that was what we knew at an instant; None: now."""
    if at is None:
        return EntryRevision.superseded_at.is_(None)
    later = or_(EntryRevision.superseded_at.is_(None), EntryRevision.superseded_at > at)
    return and_(EntryRevision.recorded_at <= at, later)


async def touching(
    session: AsyncSession,
    city: str,
    wanted: Mapping[str, Sequence[str]],
    known_at: datetime | None = None,
) -> Sequence[EntryRevision]:
    """Revisions of one city's entries that one of the keys finds, as they are (or were) known.

    Args:
        wanted: register -> keys.
    """
    keys = sorted(set().union(*wanted.values()))
    if not keys:
        return []
    query = (
        select(EntryRevision)
        .where(
            EntryRevision.city == city,
            _known(known_at),
            EntryRevision.subject_keys.op("&&")(cast(array(keys), ARRAY(Text))),
        )
        .order_by(EntryRevision.valid_from, EntryRevision.entry_id)
    )
    # one condition for all registers keeps the statement one, and its index; a key is asked for by some only
    return [
        row
        for row in await session.scalars(query)
        if not set(row.subject_keys).isdisjoint(wanted.get(row.register, ()))
    ]


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


async def whole(
    session: AsyncSession, city: str, as_of: datetime, known_at: datetime | None = None
) -> frozenset[str]:
    """The registers that are whole at an instant, by the latest complete list of one of their sources."""
    latest = (
        select(RegisterImport.register, RegisterImport.whole_until)
        .where(RegisterImport.city == city, RegisterImport.complete_as_of <= as_of)
        .ext(distinct_on(RegisterImport.register, RegisterImport.source))
        .order_by(
            RegisterImport.register,
            RegisterImport.source,
            RegisterImport.complete_as_of.desc(),
            RegisterImport.recorded_at.desc(),
            RegisterImport.id.desc(),
        )
    )
    if known_at is not None:
        latest = latest.where(RegisterImport.recorded_at <= known_at)
    lists = latest.subquery()
    return frozenset(
        (await session.scalars(select(lists.c.register).where(lists.c.whole_until > as_of))).all()
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which entries of a register a page shows.

    Attributes:
        as_of: only entries that hold at the instant.
        known_at: as they were known at the instant; None: as they are known now.
        text: found in one of an entry's own fields, or in its source.
    """

    as_of: datetime | None = None
    known_at: datetime | None = None
    text: str | None = None


async def page(
    session: AsyncSession,
    register: str,
    cities: Iterable[str],
    chosen: Chosen,
    after: UUID | None,
    limit: int,
) -> Sequence[EntryRevision]:
    """Entries of a register by entry id, after the given one."""
    query = (
        select(EntryRevision)
        .where(
            EntryRevision.register == register,
            EntryRevision.city.in_(sorted(cities)),
            _known(chosen.known_at),
        )
        .order_by(EntryRevision.entry_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(EntryRevision.entry_id > after)
    if chosen.as_of is not None:
        lasts = or_(EntryRevision.valid_to.is_(None), EntryRevision.valid_to > chosen.as_of)
        query = query.where(EntryRevision.valid_from <= chosen.as_of, lasts)
    if chosen.text:
        own = func.jsonb_each_text(EntryRevision.data).table_valued("key", "value")
        said = exists(select(1).select_from(own).where(own.c.value.icontains(chosen.text, autoescape=True)))
        query = query.where(or_(said, EntryRevision.source.icontains(chosen.text, autoescape=True)))
    return (await session.scalars(query)).all()


async def of_source(session: AsyncSession, city: str, register: str, source: str) -> Sequence[EntryRevision]:
    """Current revisions of all entries that a source has in a city's register; held against other imports
    of the same list until the transaction ends."""
    key = f"{city}|{register}|{source}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    query = (
        select(EntryRevision)
        .where(
            EntryRevision.city == city,
            EntryRevision.register == register,
            EntryRevision.source == source,
            EntryRevision.superseded_at.is_(None),
        )
        .order_by(EntryRevision.valid_from, EntryRevision.entry_id)
    )
    return (await session.scalars(query)).all()


async def latest_complete(session: AsyncSession, city: str, register: str, source: str) -> datetime | None:
    """As of when the latest complete list of a source stands; None: it never sent one."""
    query = select(func.max(RegisterImport.complete_as_of)).where(
        RegisterImport.city == city, RegisterImport.register == register, RegisterImport.source == source
    )
    return await session.scalar(query)


async def same_import(
    session: AsyncSession,
    city: str,
    register: str,
    source: str,
    *,
    sha256: str,
    complete_as_of: datetime | None,
    whole_until: datetime | None,
) -> RegisterImport | None:
    """The latest import of the same file with the same claims for the same list."""
    query = (
        select(RegisterImport)
        .where(
            RegisterImport.city == city,
            RegisterImport.register == register,
            RegisterImport.source == source,
            RegisterImport.sha256 == sha256,
            RegisterImport.complete_as_of.is_not_distinct_from(complete_as_of),
            RegisterImport.whole_until.is_not_distinct_from(whole_until),
        )
        .order_by(RegisterImport.recorded_at.desc(), RegisterImport.id.desc())
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()
