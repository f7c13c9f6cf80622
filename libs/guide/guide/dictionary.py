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
    """One row of the dictionary; `x[].key` names a key of the records in the array `x`."""

    name: str
    type: str
    owner: Owner
    derived: bool = False


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
    facts: Mapping[str, KnownFact]
    names: Names


@cache
def dictionary() -> Dictionary:
    """The dictionary in the file beside this module, read once."""
    data = read_yaml(files("guide").joinpath("dictionary.yaml").read_bytes())[0]
    facts = {
        row["name"]: KnownFact(row["name"], row["type"], Owner(row["owner"]), row.get("derived", False))
        for row in data["facts"]
    }
    refused = {fact.name: reason for fact in facts.values() if (reason := why_refused(fact))}
    return Dictionary(facts, Names(_shapes(data), refused))


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
