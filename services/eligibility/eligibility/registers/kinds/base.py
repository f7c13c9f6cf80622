"""What a kind of register is: a schema for its entries and a pure function from entries to facts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from common.tabular import Column
from eligibility.fields import Body, ShortText, normal

D = TypeVar("D", bound=BaseModel)


class Unit(Body):
    """The applying unit."""

    id: ShortText | None = None
    uscc: ShortText | None = Field(default=None, description="统一社会信用代码")
    names: list[ShortText] = Field(default_factory=list)
    region: ShortText | None = Field(default=None, description="GB/T 2260 code of its registration")


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
    contract_number: ShortText | None = Field(default=None, description="技术合同登记编号")
    platform_id: ShortText | None = Field(default=None, description="the platform that the form names")
    talent: ShortText | None = Field(default=None, description="id of the person brought in (引进人才)")
    villages: list[ShortText] = Field(default_factory=list, max_length=600)


@dataclass(frozen=True, slots=True)
class Question:
    """One question to the registers.

    Attributes:
        application_id: the application at hand; projects that came of it never count against it.
        as_of: entries count as they hold at this instant.
        stated: what form and papers say, by fact; a register may complete their records.
        whole: registers that somebody has declared to be whole at the instant. Only there is an absent entry
            a "no"; elsewhere nobody has searched, and the fact stays missing.
    """

    subjects: Subjects
    application_id: UUID | None
    as_of: datetime
    stated: Mapping[str, Any] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()


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
        title: in Chinese and English.
        schema: an entry's own fields.
        facts: the facts that this register answers.
        keys: what an entry can be found by.
        wanted: the keys that a question looks for.
        derive: facts from the entries found; pure. A fact that it leaves out is missing (unknown).
        identity: what an entry is about: of one identity one statement holds at a time.
        columns: of a file of entries; beginning and end are added to them.
        from_row: what a row of such a file says -> an entry's own fields.
    """

    name: str
    title: tuple[str, str]
    schema: type[D]
    facts: frozenset[str]
    keys: Callable[[D], Iterable[str]]
    wanted: Callable[[Question], Iterable[str]]
    derive: Callable[[Question, Sequence[Dated[D]]], dict[str, Any]]
    identity: Callable[[D], str]
    columns: tuple[Column, ...]
    from_row: Callable[[dict[str, Any]], dict[str, Any]] = dict


class Entry(BaseModel):
    """Base of the kinds' schemas."""

    model_config = ConfigDict(extra="forbid")


def unit_key(uscc: str) -> str:
    """The key of a unit: its credit code without blanks, in capitals."""
    return f"uscc:{normal(uscc).upper()}"


def wanted_unit(question: Question) -> list[str]:
    """The key of the applying unit, if its credit code is known."""
    unit = question.subjects.unit
    return [unit_key(unit.uscc)] if unit and unit.uscc else []


def holding(question: Question, entries: Iterable[Dated[D]], about: Callable[[D], bool]) -> list[Dated[D]]:
    """The entries about something that hold at the instant, the latest last."""
    found = [one for one in entries if one.holds(question.as_of) and about(one.data)]
    return sorted(found, key=lambda one: one.valid_from)
