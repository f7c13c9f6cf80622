"""Tables of pools and of the ledger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, UuidPk
from quota.base import Base
from quota.pools.kinds import EntryKind, PoolKind


def _listed(column: str, words: type[PoolKind] | type[EntryKind]) -> str:
    return f"{column} IN ({', '.join(repr(word.value) for word in words)})"


class Pool(CityScoped, Base):
    """Something that can run out. `used` never passes `capacity`: the table itself refuses it.

    `entries` numbers the pool's ledger without gaps: it grows under the same row lock as the counter.
    """

    __tablename__ = "pools"
    __table_args__ = (
        UniqueConstraint("city", "kind", "key"),
        CheckConstraint(_listed("kind", PoolKind), name="kind"),
        CheckConstraint("used >= 0 AND used <= capacity", name="used_within_capacity"),
        Index("ix_pools_city_guide_position", "city", "guide", "position", "id"),
    )

    id: Mapped[UuidPk]
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(300))
    guide: Mapped[str] = mapped_column(String(64))
    category: Mapped[str] = mapped_column(String(100))
    row_id: Mapped[str] = mapped_column(String(200))
    unit_zh: Mapped[str] = mapped_column(String(200))
    unit_en: Mapped[str | None] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(Integer)
    capacity: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[int] = mapped_column(BigInteger, default=0)
    entries: Mapped[int] = mapped_column(BigInteger, default=0)


class LedgerEntry(CityScoped, Base):
    """One line of a pool's history; only ever added. `used` and `capacity` are what they were after it."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("pool_id", "seq"),
        CheckConstraint(_listed("kind", EntryKind), name="kind"),
        Index("ix_ledger_entries_subject", "subject"),
    )

    id: Mapped[UuidPk]
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pools.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(16))
    delta: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[int] = mapped_column(BigInteger)
    capacity: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    by: Mapped[str] = mapped_column(String(255))
    decided_by: Mapped[str | None] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(String(500))
    application_id: Mapped[UUID | None]
    trace_id: Mapped[str | None] = mapped_column(String(32))
