"""`all`, `any`, `downgrade`: parts of one rule combined."""

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
        return _strongest_of(self.all, ALL_ORDER, runtime)

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield from ((f"/all/{index}", part) for index, part in enumerate(self.all))


class Any(Frozen, Construct):
    """One part holds: pass, then unknown, then manual, then fail; parts that do not apply drop out."""

    any: tuple[Node, ...] = Field(min_length=1)

    def judge(self, runtime: Runtime) -> Judge:
        return _strongest_of(self.any, ANY_ORDER, runtime)

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


def _strongest_of(parts: tuple[Node, ...], order: tuple[Outcome, ...], runtime: Runtime) -> Judge:
    judges = [part.judge(runtime) for part in parts]
    return lambda case: strongest([judge(case) for judge in judges], order)
