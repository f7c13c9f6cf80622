"""Facts as they are sent: which names there are, what may stand under them, who may not send them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from guide.agreement import Stated, contradictions
from guide.dictionary import Names
from guide.errors import Problem, escape
from guide.pack import FIELD, Pack
from guide.shapes import shown, value_problems


def unavailable_facts(pack: Pack, patterns: Iterable[str]) -> frozenset[str]:
    """Facts of the pack named by `name`, `name[].key` or `prefix.*`."""
    found: set[str] = set()
    for pattern in patterns:
        name = pattern.partition("[]")[0]
        if name.endswith(".*"):
            stem = name[:-2]
            found.update(fact for fact in pack.facts if fact == stem or fact.startswith(f"{stem}."))
        elif name in pack.facts:
            found.add(name)
    return frozenset(found)


def check_unavailable(pack: Pack, patterns: Iterable[str], base: str = "/unavailable") -> list[Problem]:
    """Names in `unavailable` that are no fact of any guide and no prefix of one."""
    return [
        Problem(f"{base}/{index}", f"{shown(pattern)} names no fact")
        for index, pattern in enumerate(patterns)
        if not _names_facts(pack.names, pattern)
    ]


def _names_facts(names: Names, pattern: str) -> bool:
    name, _, key = pattern.partition("[].")
    if name.endswith(".*"):
        return name[:-2] in names.groups or name[:-2] in names.shapes
    shape = names.shapes.get(name)
    return shape is not None and (key in {"", "*"} or key in (shape.keys or {}))


def facts_catalogue(pack: Pack) -> list[dict[str, Any]]:
    """Every fact of the pack: name, type, unit, owner, allowed, label_zh, label_en, rules."""
    return [fact.as_dict() for fact in pack.facts.values()]


def check_facts(pack: Pack, category: str, facts: Any, base: str = "") -> list[Problem]:
    """Everything wrong with nested facts: names, JSON types, tokens, shapes, owners, a fact sent twice, one
    thing stated in two places that contradict each other.

    Facts of the dictionary that this pack does not use are checked too. Pointers start with `base` (such as
    `/facts`). A null or an empty string is a missing fact, never wrong. KeyError if the category is no leaf.
    """
    pack.leaf(category)
    if not isinstance(facts, Mapping):
        return [Problem(base, "facts are an object")]
    found = _Found(pack.names)
    found.visit(facts, "", base)
    return _problems(pack, category, found)


def check_stated(pack: Pack, category: str, stated: Stated) -> list[Problem]:
    """The same of facts by their dotted names, each at its own place. KeyError for a name that is none."""
    pack.leaf(category)
    found = _Found(pack.names)
    for name, (pointer, value) in stated.items():
        found.fact(name, value, pointer)
    return _problems(pack, category, found)


def _problems(pack: Pack, category: str, found: _Found) -> list[Problem]:
    problems = [*found.problems, *found.repeated()]
    return problems or [
        *contradictions({name: places[0] for name, places in found.places.items()}),
        *_limit_problem(pack, found),
        *_field_problem(pack, category, found),
    ]


class _Found:
    """What stands in nested facts, whose names may be dotted or nested: values by name, and problems."""

    def __init__(self, names: Names) -> None:
        self.problems: list[Problem] = []
        self.places: dict[str, list[tuple[str, Any]]] = {}
        self._names = names

    def visit(self, node: Mapping[str, Any], prefix: str, pointer: str) -> None:
        for key, value in node.items():
            name = f"{prefix}{key}"
            here = f"{pointer}/{escape(str(key))}"
            if name in self._names.shapes:
                self.fact(name, value, here)
            elif name not in self._names.groups:
                self.problems.append(Problem(here, f"{shown(name)} is no fact"))
            elif isinstance(value, Mapping):
                self.visit(value, f"{name}.", here)
            elif value is not None:
                self.problems.append(Problem(here, f"{shown(name)} is an object of facts"))

    def fact(self, name: str, value: Any, pointer: str) -> None:
        self.places.setdefault(name, []).append((pointer, value))
        refused = self._names.refused.get(name)
        if refused is not None:
            self.problems.append(Problem(pointer, refused))
        else:
            self.problems.extend(value_problems(self._names.shapes[name], value, pointer))

    def repeated(self) -> Iterator[Problem]:
        """Every place of a fact that was sent dotted and nested."""
        for name, places in self.places.items():
            if len(places) > 1:
                where = ", ".join(pointer for pointer, _ in places)
                yield from (Problem(pointer, f"{name} stands twice: {where}") for pointer, _ in places)


def _field_problem(pack: Pack, category: str, found: _Found) -> Iterator[Problem]:
    """A field that only another category of the guide has."""
    for pointer, field in found.places.get(FIELD, ()):
        if field not in {None, "", *(pack.fields_of(category) or (field,))}:
            yield Problem(pointer, f"{shown(field)} is no field of {category}")


def _limit_problem(pack: Pack, found: _Found) -> Iterator[Problem]:
    """`quota.limit` may be sent, but must be the limit of `quota.row`."""
    for pointer, limit in found.places.get("quota.limit", ()):
        for _, row_id in found.places.get("quota.row", ()):
            row = pack.quota_rows.get(str(row_id))
            if row is not None and limit not in {None, "", row.limit}:
                yield Problem(pointer, f"the row {row.id} has {row.limit} places")
