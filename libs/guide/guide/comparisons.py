"""Expressions that need no CEL: a bool variable by itself, or compared with a constant or another variable.

Three leaves of four are of this kind, and a call into CEL costs more than all the rest of a rule. They mean
what they mean in CEL: where a value is missing or of another type there is no truth.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guide.case import Case

Truth = Callable[["Case"], bool | None]
"""True, False, or None if a fact that decides is missing."""
Test = Callable[[Any, Any], bool]

_COMPARISON = re.compile(
    r"(?P<name>[A-Za-z_][\w.]*)(?:\s*(?P<test>==|!=|<=|>=|<|>|\bin\b)\s*(?P<right>.+))?", re.ASCII
)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_WORD = re.compile(r'"[^"\\]*"')
_WORDS = re.compile(rf"\[{_WORD.pattern}(?:,\s*{_WORD.pattern})*\]")
_TESTS: dict[str, Test] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


def comparison(text: str, variables: Collection[str]) -> Truth | None:
    """The truth of a bool expression that has compiled, if it is a comparison; None for everything else."""
    match = _COMPARISON.fullmatch(text)
    if match is None or match["name"] not in variables:
        return None
    name, test, right = match.group("name", "test", "right")
    if test is None:
        return _with_constant(name, operator.is_, True)
    if test == "in":
        words = frozenset(word[1:-1] for word in _WORD.findall(right))
        return _in_words(name, words) if _WORDS.fullmatch(right) else None
    if right in variables:
        return _with_variable(name, _TESTS[test], right)
    constant = _constant(right)
    return None if constant is None else _with_constant(name, _TESTS[test], constant)


def _constant(text: str) -> bool | int | str | None:
    if text in {"true", "false"}:
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return text[1:-1] if _WORD.fullmatch(text) else None


def _with_constant(name: str, test: Test, constant: bool | int | str) -> Truth:
    kind = type(constant)

    def truth(case: Case) -> bool | None:
        value = case.values.get(name)
        return test(value, constant) if type(value) is kind else None

    return truth


def _with_variable(name: str, test: Test, other: str) -> Truth:
    def truth(case: Case) -> bool | None:
        left, right = case.values.get(name), case.values.get(other)
        return test(left, right) if type(left) is type(right) and left is not None else None

    return truth


def _in_words(name: str, words: frozenset[str]) -> Truth:
    def truth(case: Case) -> bool | None:
        value = case.values.get(name)
        return value in words if type(value) is str else None

    return truth
