"""One question to a pack: the facts of one application, and what the constructs may ask of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from cel_expr_python import cel

from guide.words import Outcome, Owner, Stage

if TYPE_CHECKING:
    from guide.expressions import Program, Programs
    from guide.model.interpretations import Interpretation

_ITEM_KEY = re.compile(r"\bitem\.([A-Za-z_]\w*)")


class Reading(NamedTuple):
    """An interpretation that a rule turned on.

    `value` is the reading used, None if none is settled; `outcomes` gives the outcome under each reading.
    """

    id: str
    mode: str
    value: str | None
    confirmed: bool
    outcomes: tuple[tuple[str, Outcome], ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether something turns on it: nobody settled it, and its values give different outcomes or are
        still to be named."""
        return self.value is None and len({outcome for _, outcome in self.outcomes}) != 1

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "mode": self.mode,
            "value": self.value,
            "confirmed": self.confirmed,
            "readings": {value: str(outcome) for value, outcome in self.outcomes},
        }


class Note(NamedTuple):
    """A remark that belongs into the finding's message."""

    zh: str
    en: str


class Part(NamedTuple):
    """Outcome of one part of a rule. `case` is where it was decided, if that was a bound case: a remedy's
    distance is taken there."""

    outcome: Outcome
    missing: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    readings: tuple[Reading, ...] = ()
    case: Case | None = None


Judge = Callable[["Case"], Part]
"""A construct made ready for one pack."""

PLAIN = {outcome: Part(outcome) for outcome in Outcome}
"""Outcomes with nothing to add; most parts of most rules are one of these."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What stays the same for every case of one pack."""

    programs: Programs
    owners: Mapping[str, Owner]
    interpretations: Mapping[str, Interpretation]
    shared: dict[str, Judge] = field(default_factory=dict)
    """Judges of parts that may stand in several rules, by their JSON."""


@dataclass(slots=True, eq=False)
class Case:
    """Facts that are there (`values`, in CEL's types), facts whose owner did not answer, and the ids of the
    interpretations that the request itself fixes (all that are settled stand in `values["settled"]`).

    A bound case has one value more than the question: a record, a reading, an as-of date. Nothing is changed
    after a case is built; it is not frozen because that makes building it slow.
    """

    runtime: Runtime
    stage: Stage
    values: Mapping[str, Any]
    unavailable: AbstractSet[str] = frozenset()
    chosen: AbstractSet[str] = frozenset()
    supplied: AbstractSet[str] = frozenset()
    """Facts that the pack itself gave."""
    record: str | None = None
    """The list whose element `item` is, inside a list construct."""
    is_bound: bool = False
    arena: Any = field(default_factory=cel.Arena)
    """Memory of CEL's values, one for all expressions of a case."""
    judged: dict[str, Part] = field(default_factory=dict)
    """What shared parts came to in this case."""
    _records: dict[str, list[Case]] = field(default_factory=dict)

    def bound(self, name: str, value: Any, record: str | None = None) -> Case:
        """The same case with one more value."""
        return Case(
            self.runtime,
            self.stage,
            {**self.values, name: value},
            self.unavailable,
            self.chosen,
            self.supplied,
            record or self.record,
            is_bound=True,
            arena=self.arena,
        )

    def records(self, name: str) -> list[Case]:
        """One case for each record of a list, for those who count outcomes: parts that were decided there do
        not name their case. All list constructs of a question share them."""
        known = self._records.get(name)
        if known is None:
            known = self._records[name] = [self.bound("item", item, name) for item in self.values[name]]
            for one in known:
                one.is_bound = False
        return known

    def value(self, expression: str) -> Any:
        """The plain value of an expression, for a bool True or False; None = not known."""
        return self.runtime.programs[expression].value(self)

    def part(self, outcome: Outcome, missing: tuple[str, ...] = (), notes: tuple[Note, ...] = ()) -> Part:
        """An outcome that was decided in this case."""
        if self.is_bound:
            return Part(outcome, missing, notes, case=self)
        return Part(outcome, missing, notes) if missing or notes else PLAIN[outcome]

    def missing(self, facts: Iterable[str]) -> tuple[str, ...]:
        return tuple(fact for fact in facts if fact not in self.values)

    def lacking(self, missing: tuple[str, ...]) -> Part:
        """Facts are missing: unknown, or manual where only a reviewer's decision is missing."""
        owners = self.runtime.owners
        for fact in missing:
            if owners[fact] is not Owner.rev or fact in self.unavailable:
                return self.part(Outcome.unknown, missing)
        return self.part(Outcome.manual, missing)

    def undecided(self, program: Program) -> Part:
        """Why a bool expression has no truth: facts are missing, a record lacks keys, or it cannot be
        computed."""
        missing = self.missing(program.facts)
        if missing:
            return self.lacking(missing)
        incomplete = self._incomplete(program)
        if incomplete:
            return self.part(Outcome.unknown, incomplete)
        note = Note(f"表达式无法计算：{program.text}", f"the expression cannot be computed: {program.text}")
        return self.part(Outcome.manual, notes=(note,))

    def _incomplete(self, program: Program) -> tuple[str, ...]:
        """Keys that the current record lacks, else the records and lists that may lack one."""
        if self.record is not None:
            keys = dict.fromkeys(_ITEM_KEY.findall(program.text))
            lacking = [f"{self.record}[].{key}" for key in keys if key not in self.values["item"]]
            if lacking:
                return tuple(lacking)
        return tuple(fact for fact in program.facts if isinstance(self.values.get(fact), list | dict))
