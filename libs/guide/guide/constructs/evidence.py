"""`present` and `decision`: attachments and a reviewer's word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from guide.case import Part
from guide.constructs.base import Construct, Frozen
from guide.words import Outcome

if TYPE_CHECKING:
    from guide.case import Case
    from guide.constructs.node import Node


class Present(Frozen, Construct):
    """A file (or another fact) is there: holds; missing: unknown, whatever its owner."""

    present: str

    def evaluate(self, case: Case) -> Part:
        if self.present in case.values:
            return Part(Outcome.passed, case=case)
        return Part(Outcome.unknown, (self.present,), case=case)

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/present", self.present


class DecisionArgs(Frozen):
    """`good` is the answer that holds; `on` are the inputs that the reviewer needs; `otherwise` judges while
    there is no answer."""

    fact: str
    good: bool = True
    on: tuple[str, ...] = ()
    otherwise: Node | None = None


class Decision(Frozen, Construct):
    """A reviewer's yes or no. Given, it stands; missing: manual (unknown if an input is missing too);
    unavailable: unknown."""

    decision: DecisionArgs

    def evaluate(self, case: Case) -> Part:
        args = self.decision
        if args.fact in case.values:
            good = case.values[args.fact] is args.good
            return Part(Outcome.passed if good else Outcome.fail, case=case)
        if args.fact in case.unavailable:
            return Part(Outcome.unknown, (args.fact,), case=case)
        if args.otherwise is not None:
            return args.otherwise.evaluate(case)
        inputs = case.missing(args.on)
        return Part(Outcome.unknown if inputs else Outcome.manual, (*inputs, args.fact), case=case)

    def children(self) -> Iterator[tuple[str, Construct]]:
        if self.decision.otherwise is not None:
            yield "/decision/otherwise", self.decision.otherwise

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/decision/fact", self.decision.fact
        yield from ((f"/decision/on/{index}", fact) for index, fact in enumerate(self.decision.on))
