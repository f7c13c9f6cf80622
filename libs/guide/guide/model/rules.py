"""Rules: guard, condition, effect, strength, due, remedy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from guide.constructs import Node
from guide.model.base import Bilingual, Expression, FactName, Flag, Id, Prose, Section, Token
from guide.words import Effect, Stage, Strength

Unit = Literal[
    "yuan",
    "projects",
    "places",
    "days",
    "years",
    "milliseconds",
    "copies",
    "items",
    "persons",
    "points",
    "m2",
]


class EffectCase(Section):
    """`when` is a bool expression; if it cannot be decided the case is passed over."""

    when: Expression
    effect: Effect


class EffectCases(Section):
    cases: tuple[EffectCase, ...] = Field(min_length=1)
    otherwise: Effect


class Gap(Section):
    """The distance to a pass: an integer or decimal expression, its unit, the fact that has to move."""

    fact: FactName
    value: Expression
    unit: Unit


class Remedy(Section):
    """What would turn a fail into a pass; `{gap}` in the text stands for the distance with its unit."""

    when: Expression | None = None
    zh: Prose
    en: Prose
    gap: Gap | None = None


class Rule(Section):
    """One clause as a rule. `guard` false: not applicable. `from_stage`: not applicable before that stage."""

    id: Id
    clause: Id
    clause_of: Token | None = Field(
        default=None, description="findings cite the category's own clause of this name and not the rule's"
    )
    title_zh: Prose
    title_en: Prose
    applies: tuple[Id, ...] = Field(min_length=1)
    kind: Prose
    effect: Effect | EffectCases
    strength: Strength = Strength.hard
    due: Stage = Stage.submission
    from_stage: Stage | None = None
    stated: Flag = Field(
        description="whether the guide itself uses a mandatory word or names the consequence"
    )
    part_of: Id | None = None
    guard: Node | None = None
    require: Node
    remedies: tuple[Remedy, ...] = ()
    cites: tuple[FactName, ...] = ()
    on_fail: Literal["freeze"] | None = None
    note: Bilingual | None = None
