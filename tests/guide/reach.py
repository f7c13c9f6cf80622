"""Which outcomes a rule can have, worked out from what it is made of, without asking it."""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from guide import Outcome, Pack
from guide.constructs.base import Construct
from guide.constructs.combine import ALL_ORDER, ANY_ORDER
from guide.constructs.evidence import Asked, Decision, Present, Soft
from guide.constructs.leaves import Leaf, Stated
from guide.constructs.lists import Count, Exists, Forall, Sum
from guide.constructs.logic import All, Downgrade, OnlyIf
from guide.constructs.logic import Any as AnyOf
from guide.constructs.readings import Readings, WithReading
from guide.constructs.stages import ByStage
from guide.constructs.tables import FirstMatch, Table, Tier
from guide.constructs.text import Absent
from guide.model.rules import Rule
from guide.words import Owner

PASS, FAIL, UNKNOWN, MANUAL, LEFT_OUT = (
    Outcome.passed, Outcome.fail, Outcome.unknown, Outcome.manual, Outcome.not_applicable,
)  # fmt: skip
Outcomes = frozenset[Outcome]


def reachable(pack: Pack, rule: Rule) -> Outcomes:
    """Outcomes that the rule may have for some facts; one too many where its parts exclude each other."""
    reach = _Reach(pack)
    found = reach.of(rule.require)
    if rule.guard is not None:
        found = _guarded(reach.of(rule.guard), found)
    return found | {LEFT_OUT} if rule.from_stage is not None else found


class _Reach:
    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._owners = pack.runtime.owners

    def of(self, node: Construct) -> Outcomes:
        by_kind: dict[type, Callable[[Any], Iterable[Outcome]]] = {
            Leaf: lambda one: self._expression(one.root),
            Stated: lambda one: {one.root},
            All: lambda one: self._joined(one.all, ALL_ORDER),
            AnyOf: lambda one: self._joined(one.any, ANY_ORDER),
            Downgrade: lambda one: {MANUAL if out is FAIL else out for out in self.of(one.downgrade)},
            OnlyIf: lambda one: _guarded(self.of(one.only_if.condition), self.of(one.only_if.then)),
            Asked: lambda _: {UNKNOWN},
            Present: self._present,
            Decision: self._decision,
            Soft: self._soft,
            Readings: self._readings,
            WithReading: self._with_reading,
            ByStage: lambda one: self.of(one.by_stage.declared) | self.of(one.by_stage.result),
            Table: self._table,
            FirstMatch: self._first_match,
            Tier: lambda one: self.of(one.tier.then) | {FAIL, UNKNOWN},
            Exists: lambda one: self.of(one.exists.where) | {one.exists.empty, UNKNOWN},
            Forall: lambda one: self.of(one.forall.where) | {one.forall.empty, UNKNOWN},
            Count: lambda one: {PASS, FAIL, UNKNOWN} | (self.of(one.count.where) & {MANUAL}),
            Sum: lambda one: {PASS, FAIL, UNKNOWN} | (self.of(one.sum.where) & {MANUAL}),
            Absent: lambda _: {PASS, FAIL, UNKNOWN},
        }
        return frozenset(by_kind[type(node)](node))

    def _joined(self, parts: Iterable[Construct], order: tuple[Outcome, ...]) -> Outcomes:
        def both(left: Outcomes, right: Outcomes) -> Outcomes:
            return frozenset(_stronger(one, other, order) for one in left for other in right)

        return reduce(both, map(self.of, parts))

    def _expression(self, text: str) -> Outcomes:
        facts = self._pack.runtime.programs[text].facts
        given = {fact for constants in self._pack.constants.values() for fact in constants}
        asked = [fact for fact in facts if fact not in given]
        if not asked and "item." not in text:
            return frozenset({PASS, FAIL})
        word = any(self._owners[fact] is Owner.rev for fact in asked)
        return frozenset({PASS, FAIL, UNKNOWN, *([MANUAL] if word else [])})

    def _present(self, one: Present) -> Outcomes:
        if self._owners.get(one.present) is Owner.call:
            return frozenset({PASS})
        otherwise = self.of(one.otherwise) if one.otherwise is not None else frozenset({UNKNOWN})
        return otherwise | {PASS, UNKNOWN} | ({FAIL} if self._may_be_none(one.present) else set())

    def _may_be_none(self, fact: str) -> bool:
        shape = self._pack.names.shapes.get(fact)
        return shape is not None and shape.nullable and "[]" not in fact

    def _decision(self, one: Decision) -> Outcomes:
        args = one.decision
        otherwise = self.of(args.otherwise) if args.otherwise is not None else frozenset({MANUAL})
        return otherwise | {PASS, FAIL, UNKNOWN}

    def _soft(self, one: Soft) -> Outcomes:
        inner = self.of(one.soft.condition)
        return inner | {PASS, MANUAL, UNKNOWN} if FAIL in inner else inner

    def _readings(self, one: Readings) -> Outcomes:
        args = one.readings
        parts = [*args.cases.values(), *(part for part in (args.open, args.unconfirmed) if part is not None)]
        found = frozenset[Outcome]().union(*map(self.of, parts))
        return found if self._is_settled(args.interpretation) else found | {MANUAL}

    def _with_reading(self, one: WithReading) -> Outcomes:
        args = one.with_reading
        found = self.of(args.then) | {UNKNOWN}
        return found if self._is_settled(args.interpretation) else found | {MANUAL}

    def _is_settled(self, interpretation: str) -> bool:
        return interpretation in self._pack.settled

    def _table(self, one: Table) -> Outcomes:
        args = one.table
        found = frozenset[Outcome]().union(*map(self.of, (*args.cases.values(), args.otherwise)))
        owner = self._owners[args.fact]
        if owner is Owner.call:
            return found
        return found | ({UNKNOWN, MANUAL} if owner is Owner.rev else {UNKNOWN})

    def _first_match(self, one: FirstMatch) -> Outcomes:
        args = one.first_match
        parts = [*(case.then for case in args.cases), args.otherwise]
        found = frozenset[Outcome]().union(*map(self.of, parts))
        return found | {out for case in args.cases for out in self._expression(case.when) - {PASS, FAIL}}


def _guarded(guard: Outcomes, then: Outcomes) -> Outcomes:
    found = {LEFT_OUT if out is FAIL else out for out in guard if out in {FAIL, UNKNOWN, MANUAL}}
    return frozenset(found) | (then if guard & {PASS, LEFT_OUT} else frozenset())


def _stronger(one: Outcome, other: Outcome, order: tuple[Outcome, ...]) -> Outcome:
    listed = [out for out in (one, other) if out is not LEFT_OUT]
    return min(listed, key=order.index) if listed else LEFT_OUT
