"""The tables that every service's schema has: audit rows and idempotency keys."""

from typing import Final

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

AUDIT: Final = "audit_entries"
IDEMPOTENCY: Final = "idempotency_keys"
KEY_LENGTH: Final = 255


def define_audit(metadata: MetaData) -> Table:
    """The service's audit table; the application only ever adds to it."""
    return Table(
        AUDIT,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("city", String(6), nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False),
        Column("actor", String(255), nullable=False),
        Column("caller", String(64), nullable=False),
        Column("action", String(100), nullable=False),
        Column("object_type", String(64), nullable=False),
        Column("object_id", String(255), nullable=False),
        Column("application_id", Uuid, nullable=True),
        Column("trace_id", String(32), nullable=True),
        Column("data", JSONB, nullable=False),
        Index("ix_audit_entries_city_application_id", "city", "application_id"),
        Index("ix_audit_entries_city_at", "city", "at"),
    )


def define_idempotency(metadata: MetaData) -> Table:
    """The service's table of idempotency keys."""
    return Table(
        IDEMPOTENCY,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("actor", String(255), nullable=False),
        Column("route", String(255), nullable=False),
        Column("key", String(KEY_LENGTH), nullable=False),
        Column("body_hash", String(64), nullable=False),
        Column("started_at", DateTime(timezone=True), nullable=False, index=True),
        Column("status", Integer, nullable=True),
        Column("media_type", String(100), nullable=True),
        Column("body", LargeBinary, nullable=True),
        UniqueConstraint("actor", "route", "key"),
    )
