"""Adding to the feed, inside the transaction of the change that is published."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.clock import clock
from intake.feed import chain, queries
from intake.feed.models import FeedItem

Op = Literal["upsert", "withdraw", "redact", "correct"]


@dataclass(frozen=True, slots=True)
class Change:
    """What is published about one project.

    Attributes:
        record: the members that `dictionary` lists under `record`; None takes the content away.
        region: GB/T 2260 code by which subscribers are filtered; the first one of a project stays.
    """

    city: str
    entity_id: UUID
    op: Op
    effective_at: datetime
    state: str
    guide: str
    year: int
    category: str
    region: str | None
    record: dict[str, Any] | None
    reason: str | None = None


def content(item: FeedItem) -> dict[str, Any]:
    """What the digest of an item covers."""
    return {
        "seq": item.seq,
        "entity_id": str(item.entity_id),
        "revision": item.revision,
        "op": item.op,
        "effective_at": chain.instant_text(item.effective_at),
        "reason": item.reason,
        "state": item.state,
        "record": item.record,
    }


async def publish(session: AsyncSession, change: Change) -> FeedItem:
    """Append to the city's feed. Call it last: it takes the last lock of the transaction.

    The counter row gives the number, so numbers appear in the order of commits and without a gap: a
    transaction that rolls back gives its number back.
    """
    await session.flush()
    head = await queries.lock_head(session, change.city)
    before = await queries.latest_of(session, change.city, change.entity_id)
    if change.op == "redact":
        await queries.empty_records(session, change.city, change.entity_id)
    salt = chain.new_salt()
    item = FeedItem(
        city=change.city,
        seq=head.last_seq + 1,
        entity_id=change.entity_id,
        revision=1 if before is None else before.revision + 1,
        op=change.op,
        effective_at=change.effective_at,
        reason=change.reason,
        state=change.state,
        guide=change.guide,
        year=change.year,
        category=change.category,
        # a subscriber who saw a project must also see what becomes of it
        region=change.region if before is None else before.region,
        record=change.record,
        salt=salt,
        published_at=clock.business(),
    )
    item.digest = chain.digest(content(item), salt)
    item.chain_hash = head.chain_hash = chain.link(head.chain_hash, item.digest)
    head.last_seq = item.seq
    session.add(item)
    await session.flush()
    return item
