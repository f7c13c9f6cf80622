"""What a kind of register is: a schema for its entries and a pure function from entries to facts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from eligibility.fields import Body, ShortText

D = TypeVar("D", bound=BaseModel)


class Unit(Body):
    """The applying unit."""

    id: ShortText | None = None
    uscc: ShortText | None = Field(default=None, description="统一社会信用代码")
    names: list[ShortText] = Field(default_factory=list)


class Person(Body):
    """One person of the application's team."""

    id: ShortText
    role: Literal["leader", "main", "other"]


class Subjects(Body):
    """Whom and what registers are asked about. What is absent is not looked up: its facts stay missing."""

    unit: Unit | None = None
    people: list[Person] = Field(default_factory=list)
    patent_number: ShortText | None = None
    project_identity: ShortText | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question to the registers.

    Attributes:
        application_id: the application at hand; projects that came of it never count against it.
        as_of: entries count as they hold at this instant.
    """

    subjects: Subjects
    application_id: UUID | None
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Dated(Generic[D]):
    """An entry's current revision."""

    data: D
    valid_from: datetime
    valid_to: datetime | None

    def holds(self, instant: datetime) -> bool:
        """Does the statement hold at the instant? The end is exclusive."""
        return self.valid_from <= instant and (self.valid_to is None or instant < self.valid_to)

    def has_begun(self, instant: datetime) -> bool:
        """Did it ever hold, up to the instant? An entry ended at its own beginning never did."""
        return self.valid_from <= instant and self.valid_to != self.valid_from


@dataclass(frozen=True, slots=True)
class Kind(Generic[D]):
    """A register.

    Attributes:
        name: in URLs and in `source` of facts.
        schema: an entry's own fields.
        facts: the facts that this register owns.
        keys: what an entry can be found by.
        wanted: the keys that a question looks for.
        derive: facts from the entries found; pure. A fact that it leaves out is missing (unknown).
    """

    name: str
    schema: type[D]
    facts: frozenset[str]
    keys: Callable[[D], Iterable[str]]
    wanted: Callable[[Question], Iterable[str]]
    derive: Callable[[Question, Sequence[Dated[D]]], dict[str, Any]]


class Entry(BaseModel):
    """Base of the kinds' schemas."""

    model_config = ConfigDict(extra="forbid")
