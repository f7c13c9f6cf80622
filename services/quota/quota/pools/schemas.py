"""Shapes of pools and ledger entries at the API."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from quota.fields import PoolKey
from quota.pools.kinds import EntryKind, PoolKind

MOST_IDS = 200


class PoolOut(BaseModel):
    """A pool as it stands. `key` is `<guide>/<row>`; `left` is `limit - used`."""

    id: UUID
    city: str
    kind: PoolKind
    key: str
    guide: str
    category: str
    row: str
    unit_zh: str
    unit_en: str | None
    limit: int
    used: int
    left: int


class PoolsBatch(BaseModel):
    """Pools by key or id; those missing or invisible are left out of the answer."""

    model_config = ConfigDict(extra="forbid")

    keys: list[PoolKey] = Field(default_factory=list, max_length=MOST_IDS)
    ids: list[UUID] = Field(default_factory=list, max_length=MOST_IDS)


class PoolList(BaseModel):
    items: list[PoolOut]


class PoolPosition(BaseModel):
    """Where a page of pools ended."""

    position: int = Field(ge=0, lt=2**31)
    id: UUID


class LedgerPosition(BaseModel):
    """Where a page of a ledger ended."""

    seq: int = Field(ge=0, lt=2**63)


class LedgerEntryOut(BaseModel):
    """One line of a pool's history.

    `at` is business time, `recorded_at` machine time; `by` made the request, `decided_by` is the person on
    whose decision it was made; `used`, `limit` and `left` are as they were right after this entry; `seq`
    counts the pool's entries from 1 without a gap.
    """

    id: UUID
    pool_id: UUID
    seq: int
    kind: EntryKind
    delta: int
    used: int
    limit: int
    left: int
    subject: UUID | None
    application_id: UUID | None
    at: AwareDatetime
    recorded_at: AwareDatetime
    by: str
    decided_by: str | None
    reason: str
    trace_id: str | None
