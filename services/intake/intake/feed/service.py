"""Giving the feed out: each answer cut to the subscription and recorded as a disclosure."""

import base64
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from common import trace
from common.actor import Actor
from common.clock import clock
from common.db import Database
from common.errors import DomainError, FieldError, NotFound, Unprocessable
from common.pagination import decode_cursor, encode_cursor
from common.roles import Role
from intake.feed import chain, dictionary, publishing, queries
from intake.feed.models import Disclosure, FeedItem, Subscriber
from intake.feed.queries import Position
from intake.feed.signing import signer_from

READERS = (Role.provincial_client, Role.portal_client)
SNAPSHOT_PATH = "/v1/feeds/approved-projects/snapshot"
_CHUNK = 500
_SEQ_END = 2**63


class CursorGone(DomainError):
    """The cursor is not of this feed as it stands: unknown, mismatched, or past what is kept."""

    status, code = 410, "intake.feed_cursor_gone"
    title_zh, title_en = "游标已失效，请从快照重新开始", "The cursor is gone; begin again from the snapshot"

    def __init__(self, city: str) -> None:
        path = f"{SNAPSHOT_PATH}?city={city}"
        super().__init__(extra={"snapshot": path}, headers={"Link": f'<{path}>; rel="snapshot"'})


class NotSubscribed(DomainError):
    status, code = 403, "intake.not_subscribed"
    title_zh, title_en = "没有登记的订阅", "No subscription is recorded for this client"


@dataclass(frozen=True, slots=True)
class View:
    """What one subscriber may see of a city's feed."""

    city: str
    subscriber_id: UUID
    purpose: str
    fields: tuple[str, ...]
    regions: tuple[str, ...] | None

    @property
    def prefixes(self) -> tuple[str, ...] | None:
        """Beginnings of the region codes inside; 330800 holds all of 3308xx, 330000 all of 33xxxx."""
        return None if self.regions is None else tuple(region_prefix(code) for code in self.regions)

    def sees(self, item: FeedItem) -> bool:
        if self.prefixes is None:
            return True
        return item.region is not None and item.region.startswith(self.prefixes)


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of changes, and a validator for it."""

    body: dict[str, Any]
    etag: str


def region_prefix(code: str) -> str:
    """The part of a GB/T 2260 code that its sub-divisions share."""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def city_of(actor: Actor, city: str | None) -> str:
    """The city that is asked for; may be left out by a client of one city.

    Raises:
        NotFound: a city in which the actor reads no feed.
        Unprocessable: several are possible.
    """
    own = {grant.city for grant in actor.grants if grant.role in READERS} & actor.cities
    if city is None and len(own) == 1:
        return next(iter(own))
    if city is None:
        raise Unprocessable(errors=[FieldError("/query/city", "missing", "name the city")])
    if city not in own:
        raise NotFound
    return city


async def view(session: AsyncSession, actor: Actor, city: str | None) -> View:
    """What the actor may see.

    Raises:
        NotSubscribed: nothing says on which basis and for what purpose.
    """
    code = city_of(actor, city)
    found = await queries.subscriber(session, code, actor.subject or "")
    if found is None:
        raise NotSubscribed
    return _view(found)


def _view(found: Subscriber) -> View:
    fields = dictionary.OPEN_FIELDS if found.fields is None else tuple(found.fields)
    regions = None if found.regions is None else tuple(found.regions)
    return View(found.city, found.id, found.purpose, fields, regions)


def cursor_of(position: Position) -> str:
    """An opaque cursor that continues behind a position."""
    return encode_cursor(
        {"feed": chain.FEED, "c": position.city, "s": position.seq, "h": position.chain_hash}
    )


async def _position(session: AsyncSession, city: str, cursor: str | None) -> Position:
    if cursor is None:
        return Position(city, 0, chain.genesis(city))
    told = decode_cursor(cursor, "feed", "c", "s", "h")
    same_feed = told["feed"] == chain.FEED and told["c"] == city
    if not same_feed or not isinstance(told["s"], int) or not 0 <= told["s"] < _SEQ_END:
        raise CursorGone(city)
    known = await queries.chain_hash_at(session, city, told["s"])
    if known is None or known != told["h"]:
        raise CursorGone(city)
    return Position(city, told["s"], known)


def shown(item: FeedItem, sight: View) -> dict[str, Any]:
    """An item as this subscriber gets it. The salt goes only with the whole record: beside a part of it, it
    would let the rest be guessed from the digest."""
    digests = {"seq": item.seq, "digest": item.digest, "chain_hash": item.chain_hash}
    if not sight.sees(item):
        hidden = ("entity_id", "revision", "op", "effective_at", "reason", "state", "salt", "record")
        return {**dict.fromkeys(hidden), **digests, "withheld": True}
    covered = publishing.content(item)
    record = item.record
    if record is not None:
        covered["record"] = {name: value for name, value in record.items() if name in sight.fields}
    whole = covered["record"] == record
    return {**covered, **digests, "salt": item.salt if whole else None, "withheld": False}


async def changes(
    session: AsyncSession,
    actor: Actor,
    *,
    city: str | None,
    cursor: str | None,
    limit: int,
    known: str | None,
) -> Changes | None:
    """The items behind a cursor; None where the caller already has this very page (`known` is its ETag).

    Raises:
        CursorGone, NotSubscribed, NotFound, BadCursor.
    """
    sight = await view(session, actor, city)
    start = await _position(session, sight.city, cursor)
    rows = await queries.after(session, sight.city, start.seq, limit + 1)
    page = rows[:limit]
    end = Position(sight.city, page[-1].seq, page[-1].chain_hash) if page else start
    body = {
        "feed": chain.FEED,
        "city": sight.city,
        "items": [shown(item, sight) for item in page],
        "next_cursor": cursor_of(end),
        "has_more": len(rows) > limit,
    }
    etag = f'"{hashlib.sha256(orjson.dumps(body)).hexdigest()}"'
    if etag == known:
        return None
    if page:
        _disclose(session, sight, "changes", start.seq, end.seq, sum(sight.sees(item) for item in page))
    return Changes(body, etag)


def _disclose(session: AsyncSession, sight: View, door: str, start: int, end: int, items: int) -> None:
    session.add(
        Disclosure(
            city=sight.city,
            subscriber_id=sight.subscriber_id,
            door=door,
            from_seq=start,
            to_seq=end,
            items=items,
            fields=list(sight.fields),
            purpose=sight.purpose,
            trace_id=trace.current_id(),
            at=clock.business(),
            recorded_at=clock.system(),
        )
    )


async def open_snapshot(session: AsyncSession, actor: Actor, city: str | None) -> tuple[View, Position, int]:
    """Fix the position of a snapshot and record that it is given out."""
    sight = await view(session, actor, city)
    at = await queries.head(session, sight.city)
    count = await queries.count_listed(session, sight.city, at.seq, prefixes=sight.prefixes)
    _disclose(session, sight, "snapshot", 0, at.seq, count)
    return sight, at, count


async def snapshot(database: Database, sight: View, at: Position, count: int) -> AsyncIterator[bytes]:
    """NDJSON: a head line with the cursor to go on from, one line per project, an end line with the count.

    Items never change, so chunks read in blocks of their own still give the one state at the position, and
    no connection is held while a slow reader drinks.
    """
    yield _line({"type": "head", "feed": chain.FEED, "city": at.city, "seq": at.seq, "count": count,
                 "chain_hash": at.chain_hash, "cursor": cursor_of(at)})  # fmt: skip
    after: UUID | None = None
    sent = 0
    while True:
        async with database.read(frozenset({at.city})) as session:
            rows = await queries.listed(
                session, at.city, at.seq, prefixes=sight.prefixes, after_entity=after, limit=_CHUNK
            )
        for item in rows:
            yield _line({"type": "item", **shown(item, sight)})
        sent += len(rows)
        if len(rows) < _CHUNK:
            break
        after = rows[-1].entity_id
    yield _line({"type": "end", "count": sent})


def _line(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)


async def manifest(
    session: AsyncSession, actor: Actor, city: str | None, feed_key: SecretStr | None
) -> dict[str, Any]:
    """Where the feed stands, signed.

    Raises:
        NotSubscribed, NotFound.
        SignerMissing: no key is configured.
    """
    sight = await view(session, actor, city)
    signer = signer_from(feed_key)
    at = await queries.head(session, sight.city)
    body = {
        "feed": chain.FEED,
        "city": at.city,
        "count": await queries.count_listed(session, at.city, at.seq),
        "last_seq": at.seq,
        "chain_hash": at.chain_hash,
        "at": chain.instant_text(clock.business()),
    }
    value = base64.urlsafe_b64encode(signer.sign(chain.canonical(body))).decode().rstrip("=")
    return {"manifest": body, "signature": {"algorithm": signer.algorithm, "kid": signer.kid, "value": value}}


async def reconciliation(session: AsyncSession, actor: Actor, city: str | None) -> dict[str, Any]:
    """Count and digest per city, year and category of what the subscriber should hold."""
    sight = await view(session, actor, city)
    at = await queries.head(session, sight.city)
    rows = await queries.listed(session, at.city, at.seq, prefixes=sight.prefixes)
    return {"feed": chain.FEED, "city": at.city, "seq": at.seq, "items": _groups(at.city, rows)}


def _groups(city: str, rows: Sequence[FeedItem]) -> list[dict[str, Any]]:
    found = []
    ordered = sorted(rows, key=lambda item: (item.year, item.category, str(item.entity_id)))
    for (year, category), group in groupby(ordered, key=lambda item: (item.year, item.category)):
        lines = [f"{item.entity_id} {item.revision} {item.digest}\n" for item in group]
        digest = hashlib.sha256("".join(lines).encode()).hexdigest()
        found.append(
            {"city": city, "year": year, "category": category, "count": len(lines), "digest": digest}
        )
    return found
