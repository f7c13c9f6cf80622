"""Interpretation values of a request: which are fixed, which are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from guide.errors import Problem, escape
from guide.model.base import parse_day, parse_instant
from guide.model.interpretations import Interpretation, reading_key
from guide.pack import Pack
from guide.shapes import shown

_ID = re.compile(r"([a-z]{2})\.[a-z][a-z0-9_]*\Z")


def chosen_readings(
    pack: Pack, given: Mapping[str, Any], base: str = "/interpretations"
) -> tuple[dict[str, str], list[Problem]]:
    """(readings fixed by the request as text, problems).

    Null means the default; ids of another call's prefix are ignored; unknown ids and values are problems.
    """
    own = pack.id.split("-", 1)[0]
    chosen: dict[str, str] = {}
    problems: list[Problem] = []
    for name, value in given.items():
        pointer = f"{base}/{escape(name)}"
        known = pack.interpretations.get(name)
        if known is None:
            match = _ID.match(name)
            if match is None or match.group(1) == own:
                problems.append(Problem(pointer, f"unknown interpretation {shown(name)}"))
        elif value is not None:
            key = _key(known, value)
            if key is None:
                problems.append(Problem(pointer, f"{name} has no such value"))
            else:
                chosen[name] = key
    return chosen, problems


def _key(known: Interpretation, value: Any) -> str | None:
    if known.open == "year" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, bool | str):
        return None
    if any(type(one.value) is type(value) and one.value == value for one in known.values):
        return reading_key(value)
    if known.open is None or not isinstance(value, str):
        return None
    try:
        if known.open == "date":
            return parse_day(value).isoformat()
        if known.open == "year":
            return str(parse_day(f"{value}-01-01").year)
        return parse_instant(value).isoformat()
    except ValueError:
        return None
