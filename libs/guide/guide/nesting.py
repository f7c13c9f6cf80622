"""Facts nested by their dotted names, and flat."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any


def prefixes(name: str) -> Iterator[str]:
    """The names that lead to a fact: `a`, `a.b` for `a.b.c`."""
    end = name.find(".")
    while end >= 0:
        yield name[:end]
        end = name.find(".", end + 1)


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """`{"a.b": 1}` as `{"a": {"b": 1}}`. Raises ValueError where a name is also a prefix of another."""
    result: dict[str, Any] = {}
    for name, value in flat.items():
        *path, last = name.split(".")
        target = result
        for step in path:
            target = target.setdefault(step, {})
            if not isinstance(target, dict):
                raise ValueError(f"{name}: a part of the name is a fact itself")
        if last in target:
            raise ValueError(f"{name}: the name is a prefix of another")
        target[last] = value
    return result


def flatten(nested: Mapping[str, Any], names: Container[str]) -> dict[str, Any]:
    """Nested facts by dotted name. A name in `names` ends the descent, so files and references stay whole."""
    result: dict[str, Any] = {}
    _flatten(nested, names, "", result)
    return result


def _flatten(nested: Mapping[str, Any], names: Container[str], prefix: str, result: dict[str, Any]) -> None:
    for key, value in nested.items():
        name = f"{prefix}{key}"
        if name in names or not isinstance(value, Mapping):
            result[name] = value
        else:
            _flatten(value, names, f"{name}.", result)
