"""`by_stage`: what is declared until approval, what was reached at acceptance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from guide.constructs.base import Construct, Frozen
from guide.words import Stage

if TYPE_CHECKING:
    from guide.case import Case, Part
    from guide.constructs.node import Node


class ByStageArgs(Frozen):
    declared: Node
    result: Node


class ByStage(Frozen, Construct):
    """`declared` is judged at every stage up to approval, `result` at acceptance."""

    by_stage: ByStageArgs

    def evaluate(self, case: Case) -> Part:
        args = self.by_stage
        return (args.result if case.stage is Stage.acceptance else args.declared).evaluate(case)

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/by_stage/declared", self.by_stage.declared
        yield "/by_stage/result", self.by_stage.result
