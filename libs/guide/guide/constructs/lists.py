"""`exists`, `forall`, `count`: parts judged for each record of a list, with partial knowledge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from guide.constructs.base import Construct, Frozen
from guide.constructs.combine import ALL_ORDER, ANY_ORDER, merged, strongest
from guide.words import Outcome

if TYPE_CHECKING:
    from guide.case import Case, Judge, Part, Runtime
    from guide.constructs.node import Node


class EachArgs(Frozen):
    """`list` is a fact; `where` judges one record, which expressions read as `item`; `empty` is the outcome
    of a list without records."""

    list: str
    where: Node
    empty: Outcome


class Exists(Frozen, Construct):
    """At least one record holds."""

    exists: EachArgs

    def judge(self, runtime: Runtime) -> Judge:
        return _each(self.exists, ANY_ORDER, runtime)

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/exists/where", self.exists.where

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/exists/list", self.exists.list


class Forall(Frozen, Construct):
    """Every record holds."""

    forall: EachArgs

    def judge(self, runtime: Runtime) -> Judge:
        return _each(self.forall, ALL_ORDER, runtime)

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/forall/where", self.forall.where

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/forall/list", self.forall.list


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

    def judge(self, runtime: Runtime) -> Judge:
        def combine(case: Case, parts: list[Part]) -> Part:
            opened = [part for part in parts if part.outcome in {Outcome.unknown, Outcome.manual}]
            certain = sum(part.outcome is Outcome.passed for part in parts)
            ends = {self._holds(certain), self._holds(certain + len(opened))}
            if len(ends) == 1:
                return case.part(Outcome.passed if ends.pop() else Outcome.fail)
            unknown = any(part.outcome is Outcome.unknown for part in opened)
            return merged(Outcome.unknown if unknown else Outcome.manual, opened, case)

        return _over_records(self.count, combine, runtime)

    def _holds(self, number: int) -> bool:
        return number >= self.count.n if self.count.op == ">=" else number <= self.count.n

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/count/where", self.count.where

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/count/list", self.count.list


def _each(args: EachArgs, order: tuple[Outcome, ...], runtime: Runtime) -> Judge:
    return _over_records(
        args, lambda case, parts: strongest(parts, order) if parts else case.part(args.empty), runtime
    )


def _over_records(
    args: EachArgs | CountArgs, combine: Callable[[Case, list[Part]], Part], runtime: Runtime
) -> Judge:
    name, where = args.list, args.where.judge(runtime)

    def judged(case: Case) -> Part:
        if name not in case.values:
            return case.lacking((name,))
        return combine(case, [where(case.bound("item", item, name)) for item in case.values[name]])

    return judged
