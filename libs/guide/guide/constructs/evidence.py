"""`present` and `decision`: attachments and a reviewer's word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from guide.constructs.base import Construct, Frozen
from guide.words import Outcome

if TYPE_CHECKING:
    from guide.case import Case, Judge, Part, Runtime
    from guide.constructs.node import Node


class Present(Frozen, Construct):
    """A file (or another fact) is there: holds; missing: unknown, whatever its owner."""

    present: str

    def judge(self, runtime: Runtime) -> Judge:
        fact = self.present

        def judged(case: Case) -> Part:
            if fact in case.values:
                return case.part(Outcome.passed)
            return case.part(Outcome.unknown, (fact,))

        return judged

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

    def judge(self, runtime: Runtime) -> Judge:
        args = self.decision
        fact, good, on = args.fact, args.good, args.on
        otherwise = args.otherwise.judge(runtime) if args.otherwise is not None else None

        def judged(case: Case) -> Part:
            if fact in case.values:
                return case.part(Outcome.passed if case.values[fact] is good else Outcome.fail)
            if fact in case.unavailable:
                return case.part(Outcome.unknown, (fact,))
            if otherwise is not None:
                return otherwise(case)
            inputs = case.missing(on)
            return case.part(Outcome.unknown if inputs else Outcome.manual, (*inputs, fact))

        return judged

    def children(self) -> Iterator[tuple[str, Construct]]:
        if self.decision.otherwise is not None:
            yield "/decision/otherwise", self.decision.otherwise

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/decision/fact", self.decision.fact
        yield from ((f"/decision/on/{index}", fact) for index, fact in enumerate(self.decision.on))
