"""`readings` and `with_reading`: parameters of the guide's wording that a person may have to settle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import Field

from guide.case import Part, Reading
from guide.constructs.base import Construct, Frozen
from guide.constructs.combine import merged
from guide.words import Outcome

if TYPE_CHECKING:
    from guide.case import Case
    from guide.constructs.node import Node


class ReadingsArgs(Frozen):
    """`cases`: one part per reading; `open`: the part for any other value, which it reads as `reading`;
    `unconfirmed`: the part that stands while no value is confirmed."""

    interpretation: str
    cases: dict[str, Node] = Field(default_factory=dict)
    open: Node | None = None
    unconfirmed: Node | None = None


class Readings(Frozen, Construct):
    """One part per reading. A settled reading decides; otherwise all are judged: equal outcomes stand,
    different ones are manual and name the readings (unknown where one of them still misses a fact)."""

    readings: ReadingsArgs

    def evaluate(self, case: Case) -> Part:
        args = self.readings
        value, confirmed = settled(case, args.interpretation)
        mode = case.runtime.interpretations[args.interpretation].mode
        if value is not None:
            part = self._judge(case, value)
            used = Reading(args.interpretation, mode, value, confirmed, ((value, part.outcome),))
            return replace(part, readings=(*part.readings, used))
        parts = {reading: node.evaluate(case) for reading, node in args.cases.items()}
        part = self._unsettled(case, parts)
        outcomes = tuple((reading, each.outcome) for reading, each in parts.items())
        used = Reading(args.interpretation, mode, None, False, outcomes)
        return replace(part, readings=(*part.readings, used))

    def _judge(self, case: Case, value: str) -> Part:
        node = self.readings.cases.get(value)
        if node is not None:
            return node.evaluate(case)
        if self.readings.open is None:
            return Part(Outcome.manual, case=case)
        return self.readings.open.evaluate(case.bound("reading", value))

    def _unsettled(self, case: Case, parts: dict[str, Part]) -> Part:
        if self.readings.unconfirmed is not None:
            return self.readings.unconfirmed.evaluate(case)
        if self.readings.open is not None:
            needed = dict.fromkeys(
                fact for _, node in self.readings.open.walk() for fact in _named(case, node)
            )
            missing = case.missing(needed)
            return Part(Outcome.unknown if missing else Outcome.manual, missing, case=case)
        return agreed(list(parts.values()))

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield from ((f"/readings/cases/{value}", node) for value, node in self.readings.cases.items())
        if self.readings.open is not None:
            yield "/readings/open", self.readings.open
        if self.readings.unconfirmed is not None:
            yield "/readings/unconfirmed", self.readings.unconfirmed

    def interpretation(self) -> tuple[str, str, frozenset[str]] | None:
        covered = frozenset(self.readings.cases) | ({"*"} if self.readings.open is not None else set())
        return "/readings/interpretation", self.readings.interpretation, frozenset(covered)


class WithReadingArgs(Frozen):
    """`values`: for each reading the expressions of its value, of which the first whose facts are there is
    taken. A value sent outside `values` (a date) is taken as it is. `then` reads the value as `fact`."""

    interpretation: str
    fact: str
    values: dict[str, tuple[str, ...]]
    then: Node


class WithReading(Frozen, Construct):
    """A value that depends on a reading, such as an as-of date, given to a part."""

    with_reading: WithReadingArgs

    def evaluate(self, case: Case) -> Part:
        args = self.with_reading
        value, confirmed = settled(case, args.interpretation)
        mode = case.runtime.interpretations[args.interpretation].mode
        if value is not None:
            part = self._judge(case, value)
            used = Reading(args.interpretation, mode, value, confirmed, ((value, part.outcome),))
            return replace(part, readings=(*part.readings, used))
        parts = {reading: self._judge(case, reading) for reading in args.values}
        outcomes = tuple((reading, part.outcome) for reading, part in parts.items())
        used = Reading(args.interpretation, mode, None, False, outcomes)
        return replace(agreed(list(parts.values())), readings=(used,))

    def _judge(self, case: Case, reading: str) -> Part:
        args = self.with_reading
        if reading not in args.values:
            return args.then.evaluate(case.bound(args.fact, reading))
        missing: dict[str, None] = {}
        for expression in args.values[reading]:
            program = case.program(expression)
            value = program.value(case.activation)
            if value is not None:
                return args.then.evaluate(case.bound(args.fact, value))
            lacking = case.missing(program.facts)
            missing.update(dict.fromkeys(lacking))
            if not case.unavailable.isdisjoint(lacking):
                break
        return Part(Outcome.unknown, tuple(missing), case=case)

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/with_reading/then", self.with_reading.then

    def terms(self) -> Iterator[tuple[str, str, str]]:
        for reading, expressions in self.with_reading.values.items():
            for index, expression in enumerate(expressions):
                yield f"/with_reading/values/{reading}/{index}", expression, "STRING"

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/with_reading/fact", self.with_reading.fact

    def interpretation(self) -> tuple[str, str, frozenset[str]] | None:
        covered = frozenset(self.with_reading.values) | {"*"}
        return "/with_reading/interpretation", self.with_reading.interpretation, covered


def settled(case: Case, interpretation: str) -> tuple[str | None, bool]:
    """(the reading that counts or None, whether a person confirmed it)."""
    value = case.values["settled"].get(interpretation)
    known = case.runtime.interpretations[interpretation]
    return value, interpretation in case.chosen or known.confirmed is not None


def agreed(parts: list[Part]) -> Part:
    """Equal outcomes stand; otherwise unknown where a reading misses a fact, else manual."""
    outcomes = {part.outcome for part in parts}
    if len(outcomes) == 1:
        return merged(parts[0].outcome, parts, parts[0].case)
    outcome = Outcome.unknown if Outcome.unknown in outcomes else Outcome.manual
    return merged(outcome, parts, parts[0].case)


def _named(case: Case, node: Construct) -> list[str]:
    named = [fact for _, expression in node.conditions() for fact in case.program(expression).facts]
    return named + [fact for _, fact in node.facts()]
