"""What the comparison of the owners reads of quota."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from quota.holds.states import State


class Nothing(BaseModel):
    """Nothing needs to be said."""

    model_config = ConfigDict(extra="forbid")


class CitiesOut(BaseModel):
    """Cities that have quota tables here."""

    cities: list[str]


class SubjectPosition(BaseModel):
    """Where a page of holds ended."""

    subject: UUID


class KeyPosition(BaseModel):
    """Where a page of pools ended."""

    key: str


class Taken(BaseModel):
    """How much a hold took of which pool."""

    key: str
    n: int


class HoldLine(BaseModel):
    """One hold, tombstones included."""

    subject: UUID
    state: State
    pools: list[Taken]


class PoolLine(BaseModel):
    """One pool: its counter, the sum of its ledger, and what its live holds took; the three are equal."""

    key: str
    guide: str
    limit: int
    used: int
    booked: int
    held: int


class GuideLine(BaseModel):
    """A version whose quota tables are here."""

    guide: str
    version: str
    active: bool


class GuideLines(BaseModel):
    items: list[GuideLine]


class Settled(BaseModel):
    """The hold as intake's answer left it."""

    state: State
