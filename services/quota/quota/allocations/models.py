"""Tables of allocations."""

from datetime import datetime

from sqlalchemy import DateTime, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, JsonList, UuidPk
from quota.base import Base


class Allocation(CityScoped, Base):
    """The quota blocks of one version of a guide, as staged; immutable."""

    __tablename__ = "allocations"
    __table_args__ = (UniqueConstraint("city", "guide", "version"),)

    id: Mapped[UuidPk]
    guide: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(64))
    blocks: Mapped[JsonList]
    staged_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ActiveAllocation(CityScoped, Base):
    """Which version's limits are in force."""

    __tablename__ = "active_allocations"
    __table_args__ = (UniqueConstraint("city", "guide"),)

    id: Mapped[UuidPk]
    guide: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(64))
    activated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
