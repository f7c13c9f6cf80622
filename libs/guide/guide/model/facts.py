"""Facts: names, types, owners; enumerations with labels."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

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


class FactSpec(Section):
    """A fact as the pack declares it: name, type and owner are those of the dictionary.

    `extension`: a fact that the dictionary does not have. `enum` names an enumeration, or `topics` /
    `quota_rows` for the pack's own ids. `pattern` restricts a code. `record` gives the keys of list elements.
    `derived`: the engine computes it, nobody sends it.
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

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"not a pattern: {error}") from error
        return pattern


class Alias(Section):
    """Another word for a category, topic or enumeration token that users may meet."""

    word: Prose
    means: Id
