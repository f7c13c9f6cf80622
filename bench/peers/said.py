"""JSON-Logic conditions as text, for engines that have expressions of their own."""

import json
from collections.abc import Mapping
from typing import Any

_COMPARED = ("==", "!=", "<", "<=", ">", ">=", "in")


def say(
    condition: Any, signs: Mapping[str, str], negation: str, fact: str = "{}", stated: str = "{} != null"
) -> str:
    """One condition; facts are named with `_` for the dots.

    `signs`: how operators are written where not as in JSON-Logic; `negation`, `fact` and `stated` (the fact
    is there) are templates.
    """
    if not isinstance(condition, dict):
        return json.dumps(condition, ensure_ascii=False)
    ((operator, parts),) = condition.items()
    if operator == "var":
        return fact.format(parts.replace(".", "_"))
    if operator == "!!":
        return stated.format(say(parts[0], signs, negation, fact, stated))
    said = [say(part, signs, negation, fact, stated) for part in parts]
    if operator == "!":
        return negation.format(said[0])
    if operator in _COMPARED:
        return f"({said[0]} {signs.get(operator, operator)} {said[1]})"
    return "(" + f" {signs[operator]} ".join(said) + ")"
