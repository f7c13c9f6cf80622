"""Reading and writing the feed's rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, null, or_, select, true, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from intake.feed import chain
from intake.feed.models import Disclosure, FeedHead, FeedItem, Subscriber

_LISTED = ("upsert", "correct")


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a city's feed."""

    city: str
    seq: int
    chain_hash: str


async def lock_head(session: AsyncSession, city: str) -> FeedHead:
    """The city's counter row, locked until the transaction ends; made on first use."""
    query = (
        select(FeedHead)
        .where(FeedHead.city == city)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    head = (await session.execute(query)).scalar_one_or_none()
    if head is None:
        await session.execute(
            insert(FeedHead)
            .values(city=city, last_seq=0, chain_hash=chain.genesis(city))
            .on_conflict_do_nothing()
        )
        head = (await session.execute(query)).scalar_one()
    return head


async def head(session: AsyncSession, city: str) -> Position:
    """Where the city's feed stands."""
    found = await session.scalar(select(FeedHead).where(FeedHead.city == city))
    if found is None:
        return Position(city, 0, chain.genesis(city))
    return Position(city, found.last_seq, found.chain_hash)


async def chain_hash_at(session: AsyncSession, city: str, seq: int) -> str | None:
    """The chain hash after an item; None where there is no such item."""
    if seq == 0:
        return chain.genesis(city)
    return await session.scalar(select(FeedItem.chain_hash).where(FeedItem.city == city, FeedItem.seq == seq))


async def after(session: AsyncSession, city: str, seq: int, limit: int) -> Sequence[FeedItem]:
    """The items that follow, in order. One statement, so one state of the feed: no gap can be seen."""
    found = await session.scalars(
        select(FeedItem).where(FeedItem.city == city, FeedItem.seq > seq).order_by(FeedItem.seq).limit(limit)
    )
    return found.all()


async def latest_of(session: AsyncSession, city: str, entity_id: UUID) -> FeedItem | None:
    """The newest item of a project."""
    return await session.scalar(
        select(FeedItem)
        .where(FeedItem.city == city, FeedItem.entity_id == entity_id)
        .order_by(FeedItem.seq.desc())
        .limit(1)
    )


async def empty_records(session: AsyncSession, city: str, entity_id: UUID) -> None:
    """Take the content out of all items of a project; their digests stay, and the chain with them."""
    await session.execute(
        update(FeedItem)
        .where(FeedItem.city == city, FeedItem.entity_id == entity_id)
        .values(record=null(), salt=None)
        .execution_options(synchronize_session=False)
    )


def _standing(city: str, seq: int, after_entity: UUID | None) -> Select[FeedItem]:
    """The newest item per project up to `seq`, withdrawn ones included; by project."""
    query = select(FeedItem).where(FeedItem.city == city, FeedItem.seq <= seq)
    if after_entity is not None:
        query = query.where(FeedItem.entity_id > after_entity)
    return query.ext(distinct_on(FeedItem.entity_id)).order_by(FeedItem.entity_id, FeedItem.seq.desc())


def _inside(item: type[FeedItem], prefixes: tuple[str, ...] | None) -> ColumnElement[bool]:
    if prefixes is None:
        return true()
    return or_(*(item.region.startswith(prefix, autoescape=True) for prefix in prefixes))


async def listed(
    session: AsyncSession,
    city: str,
    seq: int,
    *,
    prefixes: tuple[str, ...] | None = None,
    after_entity: UUID | None = None,
    limit: int | None = None,
) -> Sequence[FeedItem]:
    """What stands on the list at `seq`, by project.

    Args:
        prefixes: beginnings of region codes to keep; None keeps all.
    """
    item = aliased(FeedItem, _standing(city, seq, after_entity).subquery())
    query = select(item).where(item.op.in_(_LISTED), _inside(item, prefixes)).order_by(item.entity_id)
    return (await session.scalars(query.limit(limit))).all()


async def count_listed(
    session: AsyncSession, city: str, seq: int, *, prefixes: tuple[str, ...] | None = None
) -> int:
    """How many projects stand on the list at `seq`."""
    item = aliased(FeedItem, _standing(city, seq, None).subquery())
    query = select(func.count()).select_from(item).where(item.op.in_(_LISTED), _inside(item, prefixes))
    return await session.scalar(query) or 0


async def subscriber(session: AsyncSession, city: str, client: str) -> Subscriber | None:
    """The subscription of a machine in a city."""
    return await session.scalar(
        select(Subscriber).where(Subscriber.city == city, Subscriber.client == client)
    )


async def subscribers(session: AsyncSession) -> Sequence[Subscriber]:
    """All subscriptions in the session's cities."""
    return (await session.scalars(select(Subscriber).order_by(Subscriber.id))).all()


async def disclosures(
    session: AsyncSession, subscriber_id: UUID, after_id: UUID | None, limit: int
) -> Sequence[Disclosure]:
    """Disclosures to one subscriber, oldest first."""
    query = select(Disclosure).where(Disclosure.subscriber_id == subscriber_id)
    if after_id is not None:
        query = query.where(Disclosure.id > after_id)
    return (await session.scalars(query.order_by(Disclosure.id).limit(limit))).all()
