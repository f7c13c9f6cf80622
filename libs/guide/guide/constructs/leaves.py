"""Leaves: a CEL expression, or an outcome written out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import ConfigDict, RootModel

from guide.case import PLAIN
from guide.constructs.base import Construct
from guide.words import Outcome

if TYPE_CHECKING:
    from guide.case import Case, Judge, Part, Runtime

_PASSED, _FAIL = PLAIN[Outcome.passed], PLAIN[Outcome.fail]


class Leaf(RootModel[str], Construct):
    """A CEL expression over facts: true passes, false fails, a missing fact that decides leaves it open."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"not": {"enum": [str(one) for one in Outcome]}})

    def judge(self, runtime: Runtime) -> Judge:
        program = runtime.programs[self.root]
        value = program.value

        def judged(case: Case) -> Part:
            holds = value(case)
            if holds is None:
                return case.undecided(program)
            if case.is_bound:
                return case.part(Outcome.passed if holds else Outcome.fail)
            return _PASSED if holds else _FAIL  # most leaves end here

        return judged

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield "", self.root


class Stated(RootModel[Outcome], Construct):
    """An outcome as it stands: `pass`, `fail`, `unknown`, `manual` or `not_applicable`."""

    model_config = ConfigDict(frozen=True)

    def judge(self, runtime: Runtime) -> Judge:
        return lambda case: case.part(self.root)
