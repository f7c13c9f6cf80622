"""`table`, `first_match`, `tier`: ordered decisions and look-ups in the pack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from guide.constructs.base import Construct, Frozen
from guide.constructs.combine import merged
from guide.words import Outcome

if TYPE_CHECKING:
    from guide.case import Case, Judge, Part, Runtime
    from guide.constructs.node import Node

FUNDING = "category.funding_range"


class TableArgs(Frozen):
    """`cases` by token; `otherwise` for every token that is not named."""

    fact: str
    cases: dict[str, Node] = Field(min_length=1)
    otherwise: Node


class Table(Frozen, Construct):
    """One enum fact decides which part is judged; without it the rule is open (a reviewer's fact: manual)."""

    table: TableArgs

    def judge(self, runtime: Runtime) -> Judge:
        fact = self.table.fact
        cases = {token: part.judge(runtime) for token, part in self.table.cases.items()}
        otherwise = self.table.otherwise.judge(runtime)

        def judged(case: Case) -> Part:
            if fact not in case.values:
                return case.lacking((fact,))
            return cases.get(case.values[fact], otherwise)(case)

        return judged

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield from ((f"/table/cases/{token}", part) for token, part in self.table.cases.items())
        yield "/table/otherwise", self.table.otherwise

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/table/fact", self.table.fact


class When(Frozen):
    """`when` is a bool expression."""

    when: str
    then: Node


class FirstMatchArgs(Frozen):
    cases: tuple[When, ...] = Field(min_length=1)
    otherwise: Node


class FirstMatch(Frozen, Construct):
    """The first case whose condition is true decides.

    A condition that cannot be decided leaves the answer open, unless all that can still come agree.
    """

    first_match: FirstMatchArgs

    def judge(self, runtime: Runtime) -> Judge:
        cases = [(runtime.programs[one.when], one.then.judge(runtime)) for one in self.first_match.cases]
        otherwise = self.first_match.otherwise.judge(runtime)

        def judged(case: Case) -> Part:
            possible: list[Part] = []
            blocked: list[Part] = []
            for when, then in cases:
                holds = when.value(case)
                if holds is False:
                    continue
                possible.append(then(case))
                if holds:
                    break
                blocked.append(case.undecided(when))
            else:
                possible.append(otherwise(case))
            if not blocked:
                return possible[0]
            if len({part.outcome for part in possible}) == 1:
                return merged(possible[0].outcome, possible, possible[0].case)
            return merged(blocked[0].outcome, blocked, case)

        return judged

    def children(self) -> Iterator[tuple[str, Construct]]:
        for index, one in enumerate(self.first_match.cases):
            yield f"/first_match/cases/{index}/then", one.then
        yield "/first_match/otherwise", self.first_match.otherwise

    def conditions(self) -> Iterator[tuple[str, str]]:
        for index, one in enumerate(self.first_match.cases):
            yield f"/first_match/cases/{index}/when", one.when


class TierArgs(Frozen):
    """`by` is the fact with the tier applied for; `then` reads the category's row of it as `tier`, whose
    `min` and `max` are there where the guide states them."""

    by: str
    then: Node


class Tier(Frozen, Construct):
    """A part judged on the category's funding row of the tier applied for.

    A category with one row and no tiers does not ask which. A missing tier is unknown; one that the category
    does not have fails.
    """

    tier: TierArgs

    def judge(self, runtime: Runtime) -> Judge:
        by, then = self.tier.by, self.tier.then.judge(runtime)

        def judged(case: Case) -> Part:
            rows = case.values.get(FUNDING)
            if rows is None:
                return case.lacking((FUNDING,))
            wanted = None
            if rows[0].get("tier") is not None:
                if by not in case.values:
                    return case.lacking((by,))
                wanted = case.values[by]
            row = next((row for row in rows if row.get("tier") == wanted), None)
            return case.part(Outcome.fail) if row is None else then(case.bound("tier", row))

        return judged

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/tier/then", self.tier.then

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/tier/by", self.tier.by
        yield "/tier", FUNDING
