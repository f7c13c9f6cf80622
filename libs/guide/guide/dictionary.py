"""The fact dictionary: every name under which a fact may be sent to any guide, with type, owner and shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from guide.nesting import prefixes
from guide.shapes import Shape
from guide.words import Owner
from guide.yaml_reader import read_yaml

_NULLABLE_TYPES = {"date", "file"}
_NULLABLE_OWNERS = {"reg", "post"}


@dataclass(frozen=True, slots=True)
class KnownFact:
    """One row of the dictionary; `x[].key` names a key of the records in the array `x`.

    `enum` names an enumeration; facts whose tokens each pack lists for itself have none.
    """

    name: str
    type: str
    owner: Owner
    derived: bool = False
    label_zh: str = ""
    label_en: str = ""
    enum: str | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Same:
    """Names that state one thing; of two things where the name `unless` has a value outside of `but`."""

    names: tuple[str, ...]
    unless: str | None = None
    but: frozenset[str] = frozenset()


class Names:
    """What may be sent under which name.

    `shapes` by name; `refused` are names that nobody may send, with the reason; `groups` are the names that
    lead to facts, such as `applicant`.
    """

    def __init__(self, shapes: Mapping[str, Shape], refused: Mapping[str, str]) -> None:
        self.shapes = shapes
        self.refused = refused
        self.groups = frozenset(group for name in shapes for group in prefixes(name))

    def overlaid(self, other: Names) -> Names:
        """These names and those of `other`, which wins."""
        return Names({**self.shapes, **other.shapes}, {**self.refused, **other.refused})


@dataclass(frozen=True, slots=True)
class Dictionary:
    """`facts`: those of the inventory. `declarable`: what a pack may name, arrays of records too.
    `enumerations`: token -> labels (zh, en). `keys`: `x[].key` -> labels of a record's key."""

    facts: Mapping[str, KnownFact]
    declarable: Mapping[str, KnownFact]
    enumerations: Mapping[str, Mapping[str, tuple[str, str]]]
    names: Names
    same: tuple[Same, ...]
    keys: Mapping[str, tuple[str, str]]


@cache
def dictionary() -> Dictionary:
    """The dictionary in the file beside this module, read once."""
    data = read_yaml(files("guide").joinpath("dictionary.yaml").read_bytes())[0]
    facts = {row["name"]: _known(row, data) for row in data["facts"]}
    arrays = {row["name"]: _known({**row, "type": "list<record>"}, data) for row in data["arrays"]}
    declarable = {name: fact for name, fact in facts.items() if "[]." not in name} | arrays
    enumerations = {
        name: {token: (words["zh"], words["en"]) for token, words in tokens.items()}
        for name, tokens in data["enumerations"].items()
    }
    refused = {fact.name: reason for fact in facts.values() if (reason := why_refused(fact))}
    same = tuple(
        Same(tuple(row["names"]), row.get("unless"), frozenset(row.get("but", ()))) for row in data["same"]
    )
    keys = {
        row["name"]: (row["zh"], row["en"])
        for row in [*data["facts"], *data["record_keys"]]
        if "[]." in row["name"]
    }
    return Dictionary(facts, declarable, enumerations, Names(_shapes(data), refused), same, keys)


def _known(row: Mapping[str, Any], data: Mapping[str, Any]) -> KnownFact:
    return KnownFact(
        row["name"],
        row["type"],
        Owner(row["owner"]),
        row.get("derived", False),
        row.get("zh", ""),
        row.get("en", ""),
        row.get("enum"),
        data["patterns"][row["pattern"]] if "pattern" in row else None,
    )


def why_refused(fact: KnownFact) -> str | None:
    """Why nobody may send this fact; None if somebody may."""
    if fact.owner is Owner.call:
        return f"{fact.name} is supplied by the guide and cannot be sent"
    return f"{fact.name} is derived and cannot be sent" if fact.derived else None


def _shapes(data: Mapping[str, Any]) -> dict[str, Shape]:
    """The shape of each fact; rows `x[].key` give the keys of the array `x`."""
    organisation = {row["name"]: _shape(row, data) for row in data["organisation"]}
    records: dict[str, dict[str, Shape]] = {}
    plain: list[Mapping[str, Any]] = []
    for row in [*data["facts"], *data["record_keys"]]:
        array, _, key = row["name"].partition("[].")
        if key:
            records.setdefault(array, {})[key] = _shape(row, data)
        else:
            plain.append(row)
    shapes = {array: Shape("list<record>", keys=keys) for array, keys in records.items()}
    for row in plain:
        keys = organisation if "ref<org>" in row["type"] else records.get(row["name"])
        shapes[row["name"]] = _shape(row, data, keys)
    return shapes


def _shape(row: Mapping[str, Any], data: Mapping[str, Any], keys: Mapping[str, Shape] | None = None) -> Shape:
    return Shape(
        row["type"],
        frozenset(data["enumerations"][row["enum"]]) if "enum" in row else None,
        re.compile(data["patterns"][row["pattern"]]) if "pattern" in row else None,
        keys,
        row.get("range"),
        # registers and results: looked up, nothing there
        nullable=row["type"] in _NULLABLE_TYPES and row.get("owner") in _NULLABLE_OWNERS,
    )
