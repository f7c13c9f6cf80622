"""One thing that is stated in several places: the places agree, or the question is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guide.dictionary import Same, dictionary
from guide.errors import Problem

Stated = Mapping[str, tuple[str, Any]]
"""By name of a fact: the JSON Pointer at which it stands, and its value."""


def contradictions(stated: Stated) -> list[Problem]:
    """A problem at every place of a thing that has different values; each names all of its places.

    Which names state one thing is said by the dictionary. A null or an empty string states nothing.
    """
    problems: dict[str, Problem] = {}
    for same in dictionary().same:
        places = {name: place for name in same.names if (place := _place(stated, name)) is not None}
        if len({value for _, value in places.values()}) > 1 and not _are_two(same, stated):
            said = "; ".join(f"{name} {value} ({pointer})" for name, (pointer, value) in places.items())
            for pointer, _ in places.values():
                problems.setdefault(pointer, Problem(pointer, f"contradictory: {said}"))
    return list(problems.values())


def _place(stated: Stated, name: str) -> tuple[str, Any] | None:
    """Where a fact, or a key of a reference, has a value."""
    reference, _, key = name.rpartition(".")
    if name in stated:
        pointer, value = stated[name]
    elif reference in stated and isinstance(stated[reference][1], Mapping):
        pointer, value = f"{stated[reference][0]}/{key}", stated[reference][1].get(key)
    else:
        return None
    return (pointer, value) if value is not None and value != "" else None


def _are_two(same: Same, stated: Stated) -> bool:
    place = _place(stated, same.unless) if same.unless is not None else None
    return place is not None and place[1] not in same.but
