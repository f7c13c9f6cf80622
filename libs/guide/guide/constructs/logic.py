"""`all`, `any`, `downgrade`, `only_if`: parts of one rule combined; `same` and `rule` stand for parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from guide.constructs.base import Construct, Frozen
from guide.constructs.combine import ALL_ORDER, ANY_ORDER, strongest
from guide.words import Outcome

if TYPE_CHECKING:
    from guide.case import Case, Judge, Part, Runtime
    from guide.constructs.node import Node


class All(Frozen, Construct):
    """Every part holds: fail, then unknown, then manual, then pass; parts that do not apply drop out."""

    all: tuple[Node, ...] = Field(min_length=1)

    def judge(self, runtime: Runtime) -> Judge:
        return _strongest_of(self, self.all, ALL_ORDER, runtime)

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield from ((f"/all/{index}", part) for index, part in enumerate(self.all))


class Any(Frozen, Construct):
    """One part holds: pass, then unknown, then manual, then fail; parts that do not apply drop out."""

    any: tuple[Node, ...] = Field(min_length=1)

    def judge(self, runtime: Runtime) -> Judge:
        return _strongest_of(self, self.any, ANY_ORDER, runtime)

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield from ((f"/any/{index}", part) for index, part in enumerate(self.any))


class Downgrade(Frozen, Construct):
    """An open list or a condition from the content paragraph: a fail of the part is for a person to judge."""

    downgrade: Node

    def judge(self, runtime: Runtime) -> Judge:
        inner = self.downgrade.judge(runtime)

        def judged(case: Case) -> Part:
            part = inner(case)
            return part._replace(outcome=Outcome.manual) if part.outcome is Outcome.fail else part

        return judged

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/downgrade", self.downgrade


class OnlyIfArgs(Frozen):
    condition: Node
    then: Node


class OnlyIf(Frozen, Construct):
    """A guarded part: a condition that is false leaves it out, an open one leaves it open."""

    only_if: OnlyIfArgs

    def judge(self, runtime: Runtime) -> Judge:
        return guarded(self.only_if.condition.judge(runtime), self.only_if.then.judge(runtime))

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/only_if/condition", self.only_if.condition
        yield "/only_if/then", self.only_if.then


class Same(Frozen, Construct):
    """The part of this name in the section `conditions`. It is put in its place before a pack is read
    (`model/parts.py`); one that is still there names nothing."""

    same: str

    def judge(self, runtime: Runtime) -> Judge:
        raise LookupError(self.same)


class OtherRule(Frozen, Construct):
    """Another rule with its guard, put in its place as `same` is."""

    rule: str

    def judge(self, runtime: Runtime) -> Judge:
        raise LookupError(self.rule)


def guarded(guard: Judge, judge: Judge) -> Judge:
    """Guard first: false leaves the part out, unknown or manual is the answer."""

    def judged(case: Case) -> Part:
        part = guard(case)
        if part.outcome is Outcome.fail:
            return part._replace(outcome=Outcome.not_applicable)
        if part.outcome is Outcome.unknown or part.outcome is Outcome.manual:
            return part
        return judge(case)

    return judged


def _strongest_of(
    whole: All | Any, parts: tuple[Node, ...], order: tuple[Outcome, ...], runtime: Runtime
) -> Judge:
    """Rules and readings share many parts; each is judged once for a case."""
    key = whole.model_dump_json()
    known = runtime.shared.get(key)
    if known is not None:
        return known
    judges = [part.judge(runtime) for part in parts]

    def judged(case: Case) -> Part:
        if case.is_bound:  # its parts name it; a case that kept them would never be freed
            return strongest([judge(case) for judge in judges], order)
        part = case.judged.get(key)
        if part is None:
            part = case.judged[key] = strongest([judge(case) for judge in judges], order)
        return part

    runtime.shared[key] = judged
    return judged
