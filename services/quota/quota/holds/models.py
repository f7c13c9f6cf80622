"""Tables of holds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, UuidPk
from quota.base import Base
from quota.holds.states import State


class Hold(CityScoped, Base):
    """One per subject, tombstones included. Its row is the first lock of everything done to the hold."""

    __tablename__ = "holds"
    __table_args__ = (
        UniqueConstraint("subject"),
        CheckConstraint(f"state IN ({', '.join(repr(state.value) for state in State)})", name="state"),
        Index("ix_holds_unsettled", "recorded_at", "id", postgresql_where=text("state = 'held'")),
    )

    id: Mapped[UuidPk]
    subject: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(16))
    application_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class HoldPool(CityScoped, Base):
    """What a hold took from one pool, and what the pool's figures were right after; never changed."""

    __tablename__ = "hold_pools"
    __table_args__ = (
        UniqueConstraint("subject", "pool_id"),
        CheckConstraint("n > 0", name="n_positive"),
        Index("ix_hold_pools_pool_id", "pool_id"),
    )

    id: Mapped[UuidPk]
    subject: Mapped[UUID] = mapped_column(ForeignKey("holds.subject"))
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pools.id"))
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(300))
    n: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[int] = mapped_column(BigInteger)
    capacity: Mapped[int] = mapped_column(BigInteger)
