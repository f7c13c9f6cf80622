"""What every construct of a rule offers: a judge, and a walk over its parts for the checks at loading."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from guide.case import Judge, Runtime


class Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Construct:
    """A node of a rule. Paths are JSON Pointers below the node."""

    @abstractmethod
    def judge(self, runtime: Runtime) -> Judge:
        """What gives the outcome of this part for one case; made once when the pack is loaded."""

    def children(self) -> Iterator[tuple[str, Construct]]:
        yield from ()

    def conditions(self) -> Iterator[tuple[str, str]]:
        """(path, expression) of expressions that must be bool."""
        yield from ()

    def terms(self) -> Iterator[tuple[str, str, str]]:
        """(path, expression, CEL type) of expressions that give a value."""
        yield from ()

    def facts(self) -> Iterator[tuple[str, str]]:
        """(path, fact) of facts named outside expressions."""
        yield from ()

    def interpretation(self) -> tuple[str, str, frozenset[str]] | None:
        """(path, interpretation id, readings that have a case of their own)."""
        return None

    def walk(self, path: str = "") -> Iterator[tuple[str, Construct]]:
        """This node and all below it, each with its path."""
        yield path, self
        for inner, child in self.children():
            yield from child.walk(path + inner)
