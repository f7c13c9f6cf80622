"""`exists`, `forall`, `count`, `sum`: parts judged for each record of a list, with partial knowledge."""

from __future__ import annotations

import math
import operator
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from guide.constructs.base import Construct, Frozen
from guide.constructs.combine import ALL_ORDER, ANY_ORDER, merged, strongest
from guide.model.base import Count as Natural
from guide.model.base import Expression
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


class TotalArgs(Frozen):
    """`where` says which records count. The total is compared with `n`, an expression for an integer."""

    list: str
    where: Node
    op: Literal[">=", "<="]
    n: Expression | Natural


class CountArgs(TotalArgs):
    """`distinct`: a record's key; records with the same value count once."""

    distinct: str | None = None


class SumArgs(TotalArgs):
    """`of`: a record's key with a number that is not negative."""

    of: str


class _Total(Construct):
    """A number taken over the records that hold, compared with a bound.

    Records that are still open may or may not count: the number lies between what is certain and what is
    possible; where both ends agree the outcome stands. Remedies read the certain number as `total`, the
    bound as `wanted`.
    """

    @property
    @abstractmethod
    def _args(self) -> TotalArgs: ...

    @abstractmethod
    def _ends(self, certain: Sequence[Case], opened: Sequence[Case]) -> tuple[int, float]:
        """The certain and the possible total, of records that hold and of records that may."""

    def judge(self, runtime: Runtime) -> Judge:
        args = self._args
        holds = operator.ge if args.op == ">=" else operator.le
        bound = runtime.programs[str(args.n)]
        name, where = args.list, args.where.judge(runtime)

        def judged(case: Case) -> Part:
            if name not in case.values:
                return case.lacking((name,))
            n = bound.value(case)
            if n is None:
                return case.undecided(bound)
            cases = case.records(name)
            parts = [where(one) for one in cases]
            of: dict[Outcome, list[Case]] = {
                outcome: [] for outcome in (Outcome.passed, Outcome.unknown, Outcome.manual)
            }
            for one, part in zip(cases, parts, strict=True):
                of.get(part.outcome, []).append(one)
            low, high = self._ends(of[Outcome.passed], of[Outcome.unknown] + of[Outcome.manual])
            here = case.bound("total", low).bound("wanted", n)
            if holds(low, n) == holds(high, n):
                return here.part(Outcome.passed if holds(low, n) else Outcome.fail)
            opened = [part for part in parts if part.outcome in {Outcome.unknown, Outcome.manual}]
            unknown = not opened or any(part.outcome is Outcome.unknown for part in opened)
            outcome = Outcome.unknown if unknown else Outcome.manual
            return merged(outcome, opened, here) if opened else here.part(outcome, (name,))

        return judged

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield f"/{self._word}/where", self._args.where

    def terms(self) -> Iterator[tuple[str, str, str]]:
        yield f"/{self._word}/n", str(self._args.n), "INT"

    def facts(self) -> Iterator[tuple[str, str]]:
        yield f"/{self._word}/list", self._args.list

    @property
    @abstractmethod
    def _word(self) -> str: ...


class Count(Frozen, _Total):
    """How many records hold, or how many different ones."""

    count: CountArgs

    @property
    def _args(self) -> TotalArgs:
        return self.count

    @property
    def _word(self) -> str:
        return "count"

    def _ends(self, certain: Sequence[Case], opened: Sequence[Case]) -> tuple[int, float]:
        key = self.count.distinct
        if key is None:
            return len(certain), len(certain) + len(opened)
        low = {item[key] for item in _items(certain) if key in item}
        every = [*_items(certain), *_items(opened)]
        named = {item[key] for item in every if key in item}
        return len(low), len(named) + sum(key not in item for item in every)


class Sum(Frozen, _Total):
    """The sum of a number over the records that hold."""

    sum: SumArgs

    @property
    def _args(self) -> TotalArgs:
        return self.sum

    @property
    def _word(self) -> str:
        return "sum"

    def _ends(self, certain: Sequence[Case], opened: Sequence[Case]) -> tuple[int, float]:
        key = self.sum.of
        low = sum(item.get(key, 0) for item in _items(certain))
        every = [*_items(certain), *_items(opened)]
        if any(key not in item for item in every):
            return low, math.inf
        return low, sum(item[key] for item in every)


def _items(cases: Sequence[Case]) -> list[Mapping[str, Any]]:
    return [one.values["item"] for one in cases]


def _each(args: EachArgs, order: tuple[Outcome, ...], runtime: Runtime) -> Judge:
    name, where = args.list, args.where.judge(runtime)

    def judged(case: Case) -> Part:
        if name not in case.values:
            return case.lacking((name,))
        parts = [where(case.bound("item", item, name)) for item in case.values[name]]
        return strongest(parts, order) if parts else case.part(args.empty)

    return judged
