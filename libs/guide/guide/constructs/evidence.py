"""`present`, `asked`, `decision`, `soft`: attachments, a reviewer's word, exceptions that a person grants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from guide.constructs.base import Construct, Frozen
from guide.shapes import NOTHING_THERE
from guide.words import Outcome

if TYPE_CHECKING:
    from guide.case import Case, Judge, Part, Runtime
    from guide.constructs.node import Node


def found(case: Case, fact: str) -> Any:
    """The value of a fact, or of a record's key (`partners[].agreement`) inside a list construct; None =
    missing."""
    _, _, key = fact.partition("[].")
    return case.values.get("item", {}).get(key) if key else case.values.get(fact)


def array_of(fact: str) -> str:
    """`partners` for `partners[].agreement`; any other fact is itself."""
    return fact.partition("[].")[0]


class Present(Frozen, Construct):
    """A file (or another fact) is there: holds; missing: `otherwise` judges, or it is unknown, whatever the
    fact's owner. `"none"` (looked up, nothing there): `otherwise` judges, or it fails."""

    present: str
    otherwise: Node | None = None

    def judge(self, runtime: Runtime) -> Judge:
        fact, array = self.present, array_of(self.present)
        otherwise = self.otherwise.judge(runtime) if self.otherwise is not None else None

        def judged(case: Case) -> Part:
            value = found(case, fact)
            if value is not None and value != NOTHING_THERE:
                return case.part(Outcome.passed)
            if otherwise is not None and array not in case.unavailable:
                return otherwise(case)
            return case.part(Outcome.unknown, (fact,)) if value is None else case.part(Outcome.fail)

        return judged

    def children(self) -> Iterator[tuple[str, Construct]]:
        if self.otherwise is not None:
            yield "/otherwise", self.otherwise

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/present", self.present


class Asked(Frozen, Construct):
    """What is stated says nothing (a total of 0): unknown, and the fact is asked for."""

    asked: str

    def judge(self, runtime: Runtime) -> Judge:
        return lambda case: case.part(Outcome.unknown, (self.asked,))

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/asked", self.asked


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
        array = array_of(fact)
        otherwise = args.otherwise.judge(runtime) if args.otherwise is not None else None

        def judged(case: Case) -> Part:
            answer = found(case, fact)
            if answer is not None:
                return case.part(Outcome.passed if answer is good else Outcome.fail)
            if array in case.unavailable:
                return case.part(Outcome.unknown, (fact,))
            if otherwise is not None:
                return otherwise(case)
            inputs = tuple(one for one in on if found(case, one) is None)
            return case.part(Outcome.unknown if inputs else Outcome.manual, (*inputs, fact))

        return judged

    def children(self) -> Iterator[tuple[str, Construct]]:
        if self.decision.otherwise is not None:
            yield "/decision/otherwise", self.decision.otherwise

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/decision/fact", self.decision.fact
        yield from ((f"/decision/on/{index}", fact) for index, fact in enumerate(self.decision.on))


class SoftArgs(Frozen):
    """`condition` in principle (原则上); `reason` is the applicant's text, `decision` the fact with a
    person's word, of which `granted` admits the exception."""

    condition: Node
    reason: str
    decision: str
    granted: str


class Soft(Frozen, Construct):
    """A condition in principle: what falls below it waits for a person, who grants or refuses the
    exception; a missing reason is asked for."""

    soft: SoftArgs

    def judge(self, runtime: Runtime) -> Judge:
        args = self.soft
        condition = args.condition.judge(runtime)

        def judged(case: Case) -> Part:
            part = condition(case)
            if part.outcome is not Outcome.fail:
                return part
            word = case.values.get(args.decision)
            if word is not None:
                return part._replace(outcome=Outcome.passed if word == args.granted else Outcome.fail)
            if args.decision in case.unavailable:
                return part._replace(outcome=Outcome.unknown, missing=(args.decision,))
            return part._replace(outcome=Outcome.manual, missing=case.missing((args.reason, args.decision)))

        return judged

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/soft/condition", self.soft.condition

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/soft/reason", self.soft.reason
        yield "/soft/decision", self.soft.decision
