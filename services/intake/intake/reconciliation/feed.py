"""The feed compared with itself and with the awards: numbers, digests, chain, and one item for each award."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from common.db import Database, cities
from intake.awards.models import Award
from intake.feed import chain, publishing
from intake.feed import queries as feed
from intake.feed.models import FeedItem
from intake.feed.queries import Position
from intake.reconciliation import queries
from intake.reconciliation.schemas import FeedFault, FeedOut

_PAGE = 500
_MOST_FAULTS = 1000


async def compare(db: Database, city: str) -> FeedOut:
    """Read the whole feed of a city, in short blocks, then every award against its newest item.

    Items are only ever added, and an award with its item: what comes while this runs is not looked at.
    """
    async with db.read(cities(city)) as session:
        head = await feed.head(session, city)
    walk = _Walk(city, head)
    while not walk.done:
        async with db.read(cities(city)) as session:
            rows = await feed.after(session, city, walk.seq, _PAGE)
            walk.take(rows)
            known = await queries.known_awards(session, {row.entity_id for row in rows})
        walk.faults += [
            FeedFault(what="entity_without_award", seq=row.seq, id=row.entity_id)
            for row in rows
            if row.entity_id not in known and row.seq <= head.seq
        ]
    faults, awards = walk.faults, 0
    after: UUID | None = None
    while True:
        async with db.read(cities(city)) as session:
            page = await queries.awards(session, after, _PAGE)
            newest = await queries.newest_items(session, city, [award.id for award in page])
        faults += [fault for award in page for fault in _award_faults(award, newest.get(award.id))]
        awards += len(page)
        if len(page) < _PAGE:
            break
        after = page[-1].id
    return FeedOut(city=city, published=head.seq, awards=awards, faults=faults[:_MOST_FAULTS])


class _Walk:
    """Goes along the chain up to the head that stood when it began."""

    def __init__(self, city: str, head: Position) -> None:
        self._head = head
        self.seq, self._hash = 0, chain.genesis(city)
        self.faults: list[FeedFault] = []
        self.done = head.seq == 0

    def take(self, rows: Sequence[FeedItem]) -> None:
        for row in rows:
            if row.seq > self._head.seq:
                break
            self.faults += self._faults(row)
            self.seq, self._hash = row.seq, row.chain_hash
        self.done = self.seq >= self._head.seq or len(rows) < _PAGE
        if self.done and (self.seq, self._hash) != (self._head.seq, self._head.chain_hash):
            self.faults.append(FeedFault(what="head", seq=self._head.seq))

    def _faults(self, row: FeedItem) -> Iterator[FeedFault]:
        if row.seq != self.seq + 1:
            yield FeedFault(what="gap", seq=self.seq + 1)
        # a redaction takes salt and content away; what the digest was of can then not be told any more
        if row.salt is not None and chain.digest(publishing.content(row), row.salt) != row.digest:
            yield FeedFault(what="digest", seq=row.seq)
        if chain.link(self._hash, row.digest) != row.chain_hash:
            yield FeedFault(what="chain", seq=row.seq)


def _award_faults(award: Award, item: FeedItem | None) -> Iterator[FeedFault]:
    if item is None:
        yield FeedFault(what="award_not_published", id=award.id)
    elif item.record is not None and _said(item.record) != _said_of(award):
        yield FeedFault(what="award_differs", seq=item.seq, id=award.id)


def _said(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record.get(name) for name in ("project_number", "guide", "category", "grant")}


def _said_of(award: Award) -> dict[str, Any]:
    return {
        "project_number": award.number,
        "guide": award.guide,
        "category": award.category,
        "grant": award.grant,
    }
