"""One question to a pack: the facts of one application, and what the constructs may ask of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from guide.words import Outcome, Owner, Stage

if TYPE_CHECKING:
    from guide.expressions import Program, Programs
    from guide.model.interpretations import Interpretation

_ITEM_KEY = re.compile(r"\bitem\.([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Reading:
    """An interpretation that a rule turned on.

    `value` is the reading used, None if none is settled; `outcomes` gives the outcome under each reading.
    """

    id: str
    mode: str
    value: str | None
    confirmed: bool
    outcomes: tuple[tuple[str, Outcome], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "mode": self.mode,
            "value": self.value,
            "confirmed": self.confirmed,
            "readings": {value: str(outcome) for value, outcome in self.outcomes},
        }


@dataclass(frozen=True, slots=True)
class Note:
    """A remark that belongs into the finding's message."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Part:
    """Outcome of one part of a rule; `case` is where it was decided (a remedy's distance is taken there)."""

    outcome: Outcome
    missing: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    readings: tuple[Reading, ...] = ()
    case: Case | None = None


@dataclass(frozen=True, slots=True)
class Runtime:
    """What stays the same for every case of one pack."""

    programs: Programs
    owners: Mapping[str, Owner]
    interpretations: Mapping[str, Interpretation]


@dataclass(frozen=True, slots=True)
class Case:
    """Facts that are there (`values`, in CEL's types), facts whose owner did not answer, and the ids of the
    interpretations that the request itself fixes (all that are settled stand in `values["settled"]`)."""

    runtime: Runtime
    stage: Stage
    values: Mapping[str, Any]
    unavailable: frozenset[str] = frozenset()
    chosen: frozenset[str] = frozenset()
    activation: Any = None
    supplied: frozenset[str] = frozenset()
    """Facts that the pack itself gave."""
    record: str | None = None
    """The list whose element `item` is, inside a list construct."""

    def bound(self, name: str, value: Any, record: str | None = None) -> Case:
        """The same case with one more value."""
        values = {**self.values, name: value}
        return replace(
            self,
            values=values,
            activation=self.runtime.programs.activation(values),
            record=record or self.record,
        )

    def program(self, expression: str) -> Program:
        return self.runtime.programs.get(expression)

    def missing(self, facts: Iterable[str]) -> tuple[str, ...]:
        return tuple(fact for fact in facts if fact not in self.values)

    def lacking(self, missing: tuple[str, ...]) -> Part:
        """Facts are missing: unknown, or manual where only a reviewer's decision is missing."""
        owners = self.runtime.owners
        decided_by_person = all(
            owners[fact] is Owner.rev and fact not in self.unavailable for fact in missing
        )
        return Part(Outcome.manual if decided_by_person else Outcome.unknown, missing, case=self)

    def truth(self, expression: str) -> Part:
        """Pass or fail of a bool expression; without the facts that decide it, what `lacking` says."""
        program = self.program(expression)
        value = program.truth(self.activation)
        if value is not None:
            return Part(Outcome.passed if value else Outcome.fail, case=self)
        missing = self.missing(program.facts)
        if missing:
            return self.lacking(missing)
        incomplete = self._incomplete(program)
        if incomplete:
            return Part(Outcome.unknown, incomplete, case=self)
        note = Note(f"表达式无法计算：{expression}", f"the expression cannot be computed: {expression}")
        return Part(Outcome.manual, notes=(note,), case=self)

    def _incomplete(self, program: Program) -> tuple[str, ...]:
        """Keys that the current record lacks, else the lists whose records may lack one."""
        if self.record is not None:
            keys = dict.fromkeys(_ITEM_KEY.findall(program.text))
            lacking = [f"{self.record}[].{key}" for key in keys if key not in self.values["item"]]
            if lacking:
                return tuple(lacking)
        return tuple(fact for fact in program.facts if isinstance(self.values.get(fact), list))
