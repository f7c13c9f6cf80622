"""Facts: names, types, owners; enumerations with labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from guide.dictionary import KnownFact, dictionary
from guide.model.base import FactName, Flag, Id, Prose, Section, Token
from guide.words import Owner

FactType = Literal[
    "bool",
    "int",
    "money",
    "text",
    "date",
    "instant",
    "code",
    "enum",
    "percent",
    "decimal",
    "file",
    "ref",
    "ref<person>",
    "ref<application>",
    "ref<org>",
    "record",
    "set<enum>",
    "list<enum>",
    "map<enum,decimal>",
    "list<text>",
    "list<ref>",
    "list<ref<org>>",
    "list<record>",
]
RECORDS = frozenset({"list<ref<org>>", "list<record>"})
"""Types whose elements are always objects; those of a list<ref> are where the pack says their keys."""


class Enumeration(Section):
    """Tokens with labels; the token is what is sent."""

    id: Token
    tokens: tuple[EnumToken, ...] = Field(min_length=1)


class EnumToken(Section):
    token: Token
    zh: Prose
    en: Prose


Enumeration.model_rebuild()


class RecordKey(Section):
    """One key of the records of a list."""

    key: Token
    type: Literal["bool", "int", "money", "text", "date", "code", "enum", "file", "ref"]
    enum: Token | None = None


def _only_the_name(schema: dict[str, Any]) -> None:
    schema["required"] = ["name"]


class FactSpec(Section):
    """A fact as the pack declares it. What is not said is taken from the dictionary, by the name; a pack says
    a fact only to give it another label, or tokens of its own.

    `extension`: a fact that the dictionary does not have, with everything said. `enum` names an enumeration,
    or `topics` / `quota_rows` for the pack's own ids. `pattern` restricts a code. `record` gives the keys of
    list elements. `derived`: the engine computes it, nobody sends it.
    """

    name: FactName
    type: FactType
    owner: Owner
    unit: Token | None = None
    enum: Token | None = None
    pattern: str | None = None
    record: tuple[RecordKey, ...] = ()
    label_zh: Prose
    label_en: Prose
    derived: Flag = False
    extension: Flag = False

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_only_the_name)

    @model_validator(mode="before")
    @classmethod
    def _from_the_dictionary(cls, data: Any) -> Any:
        known = dictionary().declarable.get(data.get("name", "")) if isinstance(data, Mapping) else None
        return {**_said(known), **data} if known is not None else data

    @classmethod
    def of(cls, known: KnownFact) -> FactSpec:
        """The fact as the dictionary has it."""
        return cls(**_said(known))

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"not a pattern: {error}") from error
        return pattern


def _said(known: KnownFact) -> dict[str, Any]:
    by_token = known.enum is None and known.type in {"enum", "list<enum>"}
    return {
        "name": known.name,
        "type": known.type,
        "owner": known.owner,
        "enum": known.enum,
        # a pattern of tokens is for facts whose tokens each pack lists
        "pattern": None if by_token else known.pattern,
        "label_zh": known.label_zh,
        "label_en": known.label_en,
        "derived": known.derived,
    }


class Alias(Section):
    """Another word for a category, topic or enumeration token that users may meet."""

    word: Prose
    means: Id
