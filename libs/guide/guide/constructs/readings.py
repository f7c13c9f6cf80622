"""`readings` and `with_reading`: parameters of the guide's wording that a person may have to settle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from guide.case import Part, Reading
from guide.constructs.base import Construct, Frozen
from guide.constructs.combine import merged
from guide.constructs.evidence import array_of
from guide.words import Outcome, Owner

if TYPE_CHECKING:
    from guide.case import Case, Judge, Runtime
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

    def judge(self, runtime: Runtime) -> Judge:
        args = self.readings
        cases = {value: node.judge(runtime) for value, node in args.cases.items()}
        opened = args.open.judge(runtime) if args.open is not None else None

        def under(case: Case, value: str) -> Part:
            if value in cases:
                return cases[value](case)
            return opened(case.bound("reading", value)) if opened else case.part(Outcome.manual)

        return _by_reading(args.interpretation, tuple(cases), under, self._unsettled(runtime), runtime)

    def _unsettled(self, runtime: Runtime) -> Callable[[Case, list[Part]], Part]:
        args = self.readings
        if args.unconfirmed is not None:
            unconfirmed = args.unconfirmed.judge(runtime)
            return lambda case, _: unconfirmed(case)
        return agreed if args.open is None else _named_by_a_person(runtime, args.open)

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
    taken. A value sent outside `values` (a date) is taken as it is; without values a person names one.
    `then` reads the value as `fact`."""

    interpretation: str
    fact: str
    values: dict[str, tuple[str, ...]]
    then: Node


class WithReading(Frozen, Construct):
    """A value that depends on a reading, such as an as-of date, given to a part."""

    with_reading: WithReadingArgs

    def judge(self, runtime: Runtime) -> Judge:
        args = self.with_reading
        fact, then = args.fact, args.then.judge(runtime)
        values = {
            reading: [runtime.programs[expression] for expression in expressions]
            for reading, expressions in args.values.items()
        }

        def under(case: Case, reading: str) -> Part:
            if reading not in values:
                return then(case.bound(fact, reading))
            missing: dict[str, None] = {}
            for program in values[reading]:
                value = program.value(case)
                if value is not None:
                    return then(case.bound(fact, value))
                lacking = case.missing(program.facts)
                missing.update(dict.fromkeys(lacking))
                if not case.unavailable.isdisjoint(lacking):
                    break
            return case.part(Outcome.unknown, tuple(missing))

        unsettled = agreed if values else _named_by_a_person(runtime, args.then)
        return _by_reading(args.interpretation, tuple(values), under, unsettled, runtime)

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


def _by_reading(
    interpretation: str,
    readings: tuple[str, ...],
    under: Callable[[Case, str], Part],
    unsettled: Callable[[Case, list[Part]], Part],
    runtime: Runtime,
) -> Judge:
    """The part under the reading that counts; without one what `unsettled` makes of the parts under all."""
    known = runtime.interpretations[interpretation]
    mode, settled_by_pack = known.mode, known.confirmed is not None

    def judged(case: Case) -> Part:
        value: str | None = case.values["settled"].get(interpretation)
        if value is not None:
            part = under(case, value)
            confirmed = settled_by_pack or interpretation in case.chosen
            used = Reading(interpretation, mode, value, confirmed, ((value, part.outcome),))
        else:
            parts = [under(case, reading) for reading in readings]
            part = unsettled(case, parts)
            outcomes = tuple((reading, one.outcome) for reading, one in zip(readings, parts, strict=True))
            used = Reading(interpretation, mode, None, False, outcomes)
        return Part(part.outcome, part.missing, part.notes, (*part.readings, used), part.case)

    return judged


def agreed(case: Case, parts: list[Part]) -> Part:
    """Equal outcomes stand; otherwise unknown where a reading misses a fact, else manual."""
    if not parts:  # an interpretation without values: a person names one
        return case.part(Outcome.manual)
    outcomes = {part.outcome for part in parts}
    if len(outcomes) == 1:
        return merged(parts[0].outcome, parts, parts[0].case)
    outcome = Outcome.unknown if Outcome.unknown in outcomes else Outcome.manual
    return merged(outcome, parts, parts[0].case)


def _named_by_a_person(runtime: Runtime, part: Construct) -> Callable[[Case, list[Part]], Part]:
    """The guide offers no value: a person names one, once the facts of the part that are not the guide's own
    are there."""
    named = dict.fromkeys(fact for _, node in part.walk() for fact in _named(runtime, node))
    needed = tuple(fact for fact in named if runtime.owners[fact] is not Owner.call)

    def judged(case: Case, _: list[Part]) -> Part:
        missing = case.missing(needed)
        return case.part(Outcome.unknown if missing else Outcome.manual, missing)

    return judged


def _named(runtime: Runtime, node: Construct) -> list[str]:
    named = [fact for _, expression in node.conditions() for fact in runtime.programs[expression].facts]
    return named + [array_of(fact) for _, fact in node.facts()]
