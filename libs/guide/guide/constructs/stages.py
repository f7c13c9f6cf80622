"""`by_stage`: what is declared until approval, what was reached at acceptance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from guide.constructs.base import Construct, Frozen
from guide.words import Stage

if TYPE_CHECKING:
    from guide.case import Judge, Runtime
    from guide.constructs.node import Node


class ByStageArgs(Frozen):
    declared: Node
    result: Node


class ByStage(Frozen, Construct):
    """`declared` is judged at every stage up to approval, `result` at acceptance."""

    by_stage: ByStageArgs

    def judge(self, runtime: Runtime) -> Judge:
        declared, result = self.by_stage.declared.judge(runtime), self.by_stage.result.judge(runtime)
        return lambda case: result(case) if case.stage is Stage.acceptance else declared(case)

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield "/by_stage/declared", self.by_stage.declared
        yield "/by_stage/result", self.by_stage.result
