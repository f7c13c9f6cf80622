"""Shapes of holds at the API."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from quota.fields import Amount, City, Person, PoolKey, Reason
from quota.holds.states import State
from quota.pools.kinds import PoolKind


class Wanted(BaseModel):
    """How much of which pool."""

    model_config = ConfigDict(extra="forbid")

    kind: PoolKind = PoolKind.place
    key: PoolKey
    n: Amount = 1


class HoldOrder(BaseModel):
    """What a subject wants to hold: all of it or nothing.

    `subject` is the recommendation's id (later also a proposal's or an application's); `decided_by` is the
    person on whose decision it is done.
    """

    model_config = ConfigDict(extra="forbid")

    id: UUID | None = Field(default=None, description="the hold's own id; made here when left out")
    city: City
    subject: UUID
    pools: list[Wanted] = Field(min_length=1, max_length=50)
    reason: Reason
    application_id: UUID | None = None
    decided_by: Person | None = None

    @model_validator(mode="after")
    def _each_pool_once(self) -> Self:
        if len({(pool.kind, pool.key) for pool in self.pools}) != len(self.pools):
            raise ValueError("a pool stands twice")
        return self


class Confirmation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    city: City | None = None
    reason: Reason = "committed"
    decided_by: Person | None = None


class Voiding(BaseModel):
    """`city` may be left out where the caller's token names exactly one."""

    model_config = ConfigDict(extra="forbid")

    city: City | None = None
    reason: Reason
    decided_by: Person | None = None


class HeldPool(BaseModel):
    """What the hold took; `limit`, `used` (this hold included) and `left` are as of that instant."""

    kind: PoolKind
    key: str
    n: int
    limit: int
    used: int
    left: int


class HoldOut(BaseModel):
    """A hold. A voided one still lists what it had taken; a subject voided before it took lists nothing."""

    id: UUID
    city: str
    subject: UUID
    state: State
    application_id: UUID | None
    pools: list[HeldPool]
    created_at: AwareDatetime
    changed_at: AwareDatetime


class HoldsBatch(BaseModel):
    model_config = ConfigDict(extra="forbid")

    subjects: list[UUID] = Field(max_length=200)


class HoldList(BaseModel):
    items: list[HoldOut]
