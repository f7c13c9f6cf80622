"""The whole pack as it stands in its file."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, JsonValue, model_validator

from guide.constructs import Node
from guide.model.base import FactName, Id, Section, Token
from guide.model.call import Call, Clause, Source
from guide.model.categories import Category, Routing, Topic
from guide.model.facts import Alias, Enumeration, FactSpec
from guide.model.interpretations import Interpretation
from guide.model.office import (
    FormGroupSpec,
    LifeCycle,
    Material,
    Obligation,
    Paper,
    QuotaBlock,
    QuotaMapping,
)
from guide.model.parts import put_in_place
from guide.model.rules import Rule


class Document(Section):
    """A guide pack: one call of one city. Published versions never change."""

    format: Literal[1]
    id: Id
    call: Call
    sources: tuple[Source, ...] = Field(min_length=1)
    clauses: tuple[Clause, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = Field(min_length=1)
    topics: tuple[Topic, ...] = ()
    aliases: tuple[Alias, ...] = ()
    enumerations: tuple[Enumeration, ...] = ()
    facts: tuple[FactSpec, ...] = ()
    interpretations: tuple[Interpretation, ...] = ()
    given: dict[FactName, JsonValue] = Field(
        default_factory=dict, description="facts of the guide that have one value"
    )
    conditions: dict[Token, Node] = Field(
        default_factory=dict, description="parts that several rules share, as `same: <name>`"
    )
    rules: tuple[Rule, ...] = Field(min_length=1)
    quota_blocks: tuple[QuotaBlock, ...] | None
    quota_mapping: tuple[QuotaMapping, ...] = ()
    materials: tuple[Material, ...] = ()
    profile: tuple[FormGroupSpec, ...] = ()
    forms: tuple[FormGroupSpec, ...] = ()
    routing: Routing
    papers: tuple[Paper, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    life_cycle: LifeCycle

    @model_validator(mode="before")
    @classmethod
    def _parts_in_place(cls, data: Any) -> Any:
        return put_in_place(data)
