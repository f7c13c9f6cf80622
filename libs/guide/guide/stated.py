"""Facts that a paper states when it is handed in: where a file belongs, `true` means the paper itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from guide.errors import Problem
from guide.pack import Pack
from guide.shapes import Shape, value_problems

_FILE = "file"


def stated_problems(pack: Pack, name: str, value: Any, pointer: str) -> list[Problem]:
    """What is wrong with a value that a paper states of one of the pack's facts."""
    return list(value_problems(_with_marks(pack.names.shapes[name]), value, pointer))


def stated_value(pack: Pack, name: str, value: Any, file: Mapping[str, Any]) -> Any:
    """The fact's value; `true` in the place of a file becomes that file, `false` nothing."""
    return _filled(pack.names.shapes[name], value, file)


def _with_marks(shape: Shape) -> Shape:
    """The same shape with a mark in place of each file."""
    if shape.type == _FILE:
        return replace(shape, type="bool")
    keys = {name: _with_marks(inner) for name, inner in (shape.keys or {}).items()}
    return replace(shape, keys=keys) if keys else shape


def _filled(shape: Shape, value: Any, file: Mapping[str, Any]) -> Any:
    if shape.type == _FILE:
        return dict(file) if value is True else None
    if isinstance(value, list):
        return [_filled(shape, one, file) for one in value]
    if isinstance(value, Mapping) and shape.keys:
        return {
            key: _filled(shape.keys[key], one, file) if key in shape.keys else one
            for key, one in value.items()
        }
    return value
