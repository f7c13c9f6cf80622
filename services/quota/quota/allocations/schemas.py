"""Shapes of allocations at the API."""

from pydantic import BaseModel, ConfigDict, Field

from quota.fields import CategoryId, City, GuideId, Label, Limit, RowId, Version
from quota.pools.schemas import PoolOut


class Row(BaseModel):
    """A line of a quota table: a unit, or a group of units that share it."""

    model_config = ConfigDict(extra="forbid")

    id: RowId = Field(description="<category>/<token>")
    unit_zh: Label
    unit_en: Label | None = None
    limit: Limit


class Block(BaseModel):
    """A category's quota table. `total` is its header; null where the guide prints none."""

    model_config = ConfigDict(extra="forbid")

    category: CategoryId
    total: Limit | None
    rows: list[Row] = Field(min_length=1, max_length=2000)


class AllocationIn(BaseModel):
    """A guide version's quota tables; none for a guide without quotas."""

    model_config = ConfigDict(extra="forbid")

    city: City
    blocks: list[Block] = Field(max_length=200)


class Staged(BaseModel):
    city: str
    guide: GuideId
    version: Version


class Activation(BaseModel):
    """`city` may be left out where the caller's token names exactly one."""

    model_config = ConfigDict(extra="forbid")

    version: Version
    city: City | None = None


class Activated(BaseModel):
    """The limits now in force."""

    city: str
    guide: str
    version: str
    pools: list[PoolOut]
