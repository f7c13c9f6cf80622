"""Leaves: a CEL expression, or an outcome written out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import ConfigDict, RootModel

from guide.case import Part
from guide.constructs.base import Construct
from guide.words import Outcome

if TYPE_CHECKING:
    from guide.case import Case


class Leaf(RootModel[str], Construct):
    """A CEL expression over facts: true passes, false fails, a missing fact that decides leaves it open."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"not": {"enum": [str(one) for one in Outcome]}})

    def evaluate(self, case: Case) -> Part:
        return case.truth(self.root)

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield "", self.root


class Stated(RootModel[Outcome], Construct):
    """An outcome as it stands: `pass`, `fail`, `unknown`, `manual` or `not_applicable`."""

    model_config = ConfigDict(frozen=True)

    def evaluate(self, case: Case) -> Part:
        return Part(self.root, case=case)
