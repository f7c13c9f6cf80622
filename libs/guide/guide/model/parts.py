"""Parts that are written once: `same: <condition>` and `rule: <id>` are replaced by what they name.

Done on plain data before the schema is applied, so that everything after it sees only whole parts. What names
nothing, or itself, is left standing and is refused by the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST_PARTS = 5_000
"""Parts written out in one pack; what is beyond is left standing, and refused."""


def put_in_place(data: Any) -> Any:
    """The same pack with every part written out; what is no pack is given back as it is."""
    if not isinstance(data, Mapping) or not isinstance(data.get("rules"), list):
        return data
    conditions = data.get("conditions")
    rules = {rule["id"]: rule for rule in data["rules"] if isinstance(rule, Mapping) and "id" in rule}
    named: dict[tuple[str, str], Any] = {("rule", name): _guarded(rule) for name, rule in rules.items()}
    if isinstance(conditions, Mapping):
        named |= {("same", name): part for name, part in conditions.items()}
    left = [MOST_PARTS]
    return {**data, "rules": [_written_out(rule, named, (), left) for rule in data["rules"]]}


def _guarded(rule: Mapping[str, Any]) -> Any:
    part, guard = rule.get("require"), rule.get("guard")
    return part if guard is None else {"only_if": {"condition": guard, "then": part}}


def _written_out(
    node: Any, named: Mapping[tuple[str, str], Any], inside: tuple[tuple[str, str], ...], left: list[int]
) -> Any:
    if isinstance(node, list):
        return [_written_out(one, named, inside, left) for one in node]
    if not isinstance(node, Mapping):
        return node
    if len(node) == 1:
        ((word, name),) = node.items()
        known = isinstance(name, str) and (word, name) in named and (word, name) not in inside
        if known and left[0] > 0:
            left[0] -= 1
            return _written_out(named[(word, name)], named, (*inside, (word, name)), left)
    return {key: _written_out(one, named, inside, left) for key, one in node.items()}
