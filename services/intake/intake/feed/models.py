"""Tables of the feed. Items are added and never changed, except that a redaction empties older records."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant, JsonList, UuidPk
from intake.base import Base


class FeedHead(CityScoped, Base):
    """The counter row of a city: the last lock of each publishing transaction."""

    __tablename__ = "feed_heads"

    city: Mapped[str] = mapped_column(String(6), primary_key=True)
    last_seq: Mapped[int] = mapped_column(BigInteger)
    chain_hash: Mapped[str] = mapped_column(String(64))


class FeedItem(CityScoped, Base):
    """One change. `record` and `salt` are null for a withdrawal, and after a redaction."""

    __tablename__ = "feed_items"
    __table_args__ = (
        UniqueConstraint("city", "entity_id", "revision"),
        CheckConstraint("op IN ('upsert', 'withdraw', 'redact', 'correct')", name="op"),
        Index("ix_feed_items_entity_seq", "city", "entity_id", "seq"),
    )

    city: Mapped[str] = mapped_column(String(6), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entity_id: Mapped[UUID]
    revision: Mapped[int] = mapped_column(Integer)
    op: Mapped[str] = mapped_column(String(16))
    effective_at: Mapped[Instant]
    reason: Mapped[str | None] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(32))
    guide: Mapped[str] = mapped_column(String(64))
    year: Mapped[int] = mapped_column(Integer)
    category: Mapped[str] = mapped_column(String(64))
    region: Mapped[str | None] = mapped_column(String(6))
    record: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    salt: Mapped[str | None] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64))
    chain_hash: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[Instant]


class Subscriber(CityScoped, Base):
    """Who may read the feed of a city, on which legal basis, for what, and how much of it.

    `client` is the subject of the machine's token. `fields` and `regions` null: all that are not personal,
    and all regions.
    """

    __tablename__ = "subscribers"
    __table_args__ = (UniqueConstraint("city", "client"),)

    id: Mapped[UuidPk]
    client: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(200))
    legal_basis: Mapped[str] = mapped_column(String(1000))
    purpose: Mapped[str] = mapped_column(String(1000))
    fields: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    regions: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    revision: Mapped[int] = mapped_column(Integer, default=1)
    created_by: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[Instant]


class Disclosure(CityScoped, Base):
    """One answer given to a subscriber: which items, which fields, for which purpose."""

    __tablename__ = "disclosures"
    __table_args__ = (
        CheckConstraint("door IN ('changes', 'snapshot')", name="door"),
        Index("ix_disclosures_subscriber_at", "subscriber_id", "at"),
    )

    id: Mapped[UuidPk]
    subscriber_id: Mapped[UUID] = mapped_column(ForeignKey("subscribers.id"))
    door: Mapped[str] = mapped_column(String(16))
    from_seq: Mapped[int] = mapped_column(BigInteger)
    to_seq: Mapped[int] = mapped_column(BigInteger)
    items: Mapped[int] = mapped_column(Integer)
    fields: Mapped[JsonList]
    purpose: Mapped[str] = mapped_column(String(1000))
    trace_id: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[Instant]
    recorded_at: Mapped[Instant]
