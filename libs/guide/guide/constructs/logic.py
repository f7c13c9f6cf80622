"""`all`, `any`, `downgrade`: parts of one rule combined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import Field

from guide.constructs.base import Construct, Frozen
from guide.constructs.combine import ALL_ORDER, ANY_ORDER, strongest
from guide.words import Outcome

if TYPE_CHECKING:
    from guide.case import Case, Part
    from guide.constructs.node import Node


class All(Frozen, Construct):
    """Every part holds: fail, then unknown, then manual, then pass; parts that do not apply drop out."""

    all: tuple[Node, ...] = Field(min_length=1)

    def evaluate(self, case: Case) -> Part:
        return strongest((part.evaluate(case) for part in self.all), ALL_ORDER)

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield from ((f"/all/{index}", part) for index, part in enumerate(self.all))


class Any(Frozen, Construct):
    """One part holds: pass, then unknown, then manual, then fail; parts that do not apply drop out."""

    any: tuple[Node, ...] = Field(min_length=1)

    def evaluate(self, case: Case) -> Part:
        return strongest((part.evaluate(case) for part in self.any), ANY_ORDER)

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield from ((f"/any/{index}", part) for index, part in enumerate(self.any))


class Downgrade(Frozen, Construct):
    """An open list or a condition from the content paragraph: a fail of the part is for a person to judge."""

    downgrade: Node

    def evaluate(self, case: Case) -> Part:
        part = self.downgrade.evaluate(case)
        return replace(part, outcome=Outcome.manual) if part.outcome is Outcome.fail else part

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/downgrade", self.downgrade
