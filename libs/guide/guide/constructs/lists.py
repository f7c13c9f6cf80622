"""`exists`, `forall`, `count`: parts judged for each record of a list, with partial knowledge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from guide.case import Part
from guide.constructs.base import Construct, Frozen
from guide.constructs.combine import ALL_ORDER, ANY_ORDER, merged, strongest
from guide.words import Outcome

if TYPE_CHECKING:
    from guide.case import Case
    from guide.constructs.node import Node


class EachArgs(Frozen):
    """`list` is a fact; `where` judges one record, which expressions read as `item`; `empty` is the outcome
    of a list without records."""

    list: str
    where: Node
    empty: Outcome


def _parts(case: Case, args: EachArgs | CountArgs) -> list[Part]:
    return [args.where.evaluate(case.bound("item", item, args.list)) for item in case.values[args.list]]


class Exists(Frozen, Construct):
    """At least one record holds."""

    exists: EachArgs

    def evaluate(self, case: Case) -> Part:
        return _each(case, self.exists, ANY_ORDER)

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/exists/where", self.exists.where

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/exists/list", self.exists.list


class Forall(Frozen, Construct):
    """Every record holds."""

    forall: EachArgs

    def evaluate(self, case: Case) -> Part:
        return _each(case, self.forall, ALL_ORDER)

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/forall/where", self.forall.where

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/forall/list", self.forall.list


def _each(case: Case, args: EachArgs, order: tuple[Outcome, ...]) -> Part:
    if args.list not in case.values:
        return case.lacking((args.list,))
    parts = _parts(case, args)
    return strongest(parts, order) if parts else Part(args.empty, case=case)


class CountArgs(Frozen):
    list: str
    where: Node
    op: Literal[">=", "<="]
    n: int = Field(ge=0)


class Count(Frozen, Construct):
    """The number of records that hold, compared with `n`.

    Records that are still open may or may not count: the number lies between those that certainly hold and
    those that possibly do; where both ends agree the outcome stands.
    """

    count: CountArgs

    def evaluate(self, case: Case) -> Part:
        args = self.count
        if args.list not in case.values:
            return case.lacking((args.list,))
        parts = _parts(case, args)
        opened = [part for part in parts if part.outcome in {Outcome.unknown, Outcome.manual}]
        certain = sum(part.outcome is Outcome.passed for part in parts)
        ends = {self._holds(certain), self._holds(certain + len(opened))}
        if len(ends) == 1:
            return Part(Outcome.passed if ends.pop() else Outcome.fail, case=case)
        unknown = any(part.outcome is Outcome.unknown for part in opened)
        return merged(Outcome.unknown if unknown else Outcome.manual, opened, case)

    def _holds(self, number: int) -> bool:
        return number >= self.count.n if self.count.op == ">=" else number <= self.count.n

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/count/where", self.count.where

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/count/list", self.count.list
