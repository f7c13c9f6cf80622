"""The registry of constructs: one line here, one class in its family's file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from guide.constructs.evidence import Asked, Decision, DecisionArgs, Present, Soft, SoftArgs
from guide.constructs.leaves import Leaf, Stated
from guide.constructs.lists import Count, CountArgs, EachArgs, Exists, Forall, Sum, SumArgs, TotalArgs
from guide.constructs.logic import All, Downgrade, OnlyIf, OnlyIfArgs, OtherRule, Same
from guide.constructs.logic import Any as AnyOf
from guide.constructs.readings import Readings, ReadingsArgs, WithReading, WithReadingArgs
from guide.constructs.stages import ByStage, ByStageArgs
from guide.constructs.tables import FirstMatch, FirstMatchArgs, Table, TableArgs, Tier, TierArgs, When
from guide.constructs.text import Absent
from guide.words import Outcome

_OUTCOMES = frozenset(Outcome)


def _tag(value: Any) -> str | None:
    """A string is an outcome or an expression; a mapping is the construct that its one key names."""
    if isinstance(value, str):
        return "stated" if value in _OUTCOMES else "leaf"
    if isinstance(value, dict):
        return next(iter(value), None)
    if isinstance(value, Leaf | Stated):
        return type(value).__name__.lower()
    return next(iter(type(value).model_fields), None) if hasattr(type(value), "model_fields") else None


Node = Annotated[
    Annotated[Leaf, Tag("leaf")]
    | Annotated[Stated, Tag("stated")]
    | Annotated[All, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Downgrade, Tag("downgrade")]
    | Annotated[OnlyIf, Tag("only_if")]
    | Annotated[Same, Tag("same")]
    | Annotated[OtherRule, Tag("rule")]
    | Annotated[Present, Tag("present")]
    | Annotated[Asked, Tag("asked")]
    | Annotated[Decision, Tag("decision")]
    | Annotated[Soft, Tag("soft")]
    | Annotated[Readings, Tag("readings")]
    | Annotated[WithReading, Tag("with_reading")]
    | Annotated[ByStage, Tag("by_stage")]
    | Annotated[Table, Tag("table")]
    | Annotated[FirstMatch, Tag("first_match")]
    | Annotated[Tier, Tag("tier")]
    | Annotated[Exists, Tag("exists")]
    | Annotated[Forall, Tag("forall")]
    | Annotated[Count, Tag("count")]
    | Annotated[Sum, Tag("sum")]
    | Annotated[Absent, Tag("absent")],
    Discriminator(_tag),
]

for _model in (
    DecisionArgs,
    SoftArgs,
    ReadingsArgs,
    WithReadingArgs,
    ByStageArgs,
    TableArgs,
    When,
    FirstMatchArgs,
    EachArgs,
    TotalArgs,
    CountArgs,
    SumArgs,
    TierArgs,
    OnlyIfArgs,
    All,
    AnyOf,
    Downgrade,
    OnlyIf,
    Present,
    Decision,
    Soft,
    Readings,
    WithReading,
    ByStage,
    Table,
    FirstMatch,
    Tier,
    Exists,
    Forall,
    Count,
    Sum,
):
    _model.model_rebuild(_types_namespace={"Node": Node})
