"""What `direct` makes expressions of: closures that give a value for a case, None where CEL has an error.

CEL's errors are the same gap as a missing fact: a value of a wrong type, a number beyond 64 bits, a day that
is none. Types are compared exactly, because Python takes `True` for 1.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from re import Pattern

    from guide.case import Case

Value = Callable[["Case"], Any]
"""The value of an expression; None if a fact that decides is missing or of a wrong type."""
Test = Callable[[Any, Any], bool]

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def constant(stated: bool | int | str) -> Value:
    return lambda _: stated


def named(name: str) -> Value:
    return lambda case: case.values.get(name)


def key_of(record: str, key: str) -> Value:
    """A key of a fact that is a record; the record or the key may be missing."""

    def value(case: Case) -> Any:
        found = case.values.get(record)
        return found.get(key) if isinstance(found, Mapping) else None

    return value


def has(record: str, key: str) -> Value:
    def value(case: Case) -> bool | None:
        found = case.values.get(record)
        return key in found if isinstance(found, Mapping) else None

    return value


def compared(first: Value, test: Test, second: Value) -> Value:
    """Values of two types are different, and have no order; nor have lists and records."""
    of_different = {operator.eq: False, operator.ne: True}.get(test)

    def value(case: Case) -> bool | None:
        one, other = first(case), second(case)
        if one is None or other is None:
            return None
        if type(one) is not type(other):
            return of_different
        if of_different is None and isinstance(one, dict | list):
            return None
        return test(one, other)

    return value


def compared_with(name: str, test: Test, stated: bool | int | str) -> Value:
    """The same for a fact and what is written out; most leaves are of this kind."""
    kind = type(stated)

    def value(case: Case) -> bool | None:
        found = case.values.get(name)
        return test(found, stated) if type(found) is kind else None

    return value


def one_of(inner: Value, words: frozenset[str]) -> Value:
    def value(case: Case) -> bool | None:
        found = inner(case)
        return None if found is None else type(found) is str and found in words

    return value


def member_of(inner: Value, words: str) -> Value:
    """Whether a text stands in a fact that is a list of texts."""

    def value(case: Case) -> bool | None:
        found, listed = inner(case), case.values.get(words)
        return None if found is None or listed is None else type(found) is str and found in listed

    return value


def size_of(name: str) -> Value:
    """How long a fact that is a list is."""

    def value(case: Case) -> int | None:
        found = case.values.get(name)
        return None if found is None else len(found)

    return value


def negated(inner: Value) -> Value:
    def value(case: Case) -> bool | None:
        found = inner(case)
        return not found if type(found) is bool else None

    return value


def joined(parts: list[Value], *, decides: bool) -> Value:
    """The value that decides (true of `or`, false of `and`) wins over what is missing."""

    def value(case: Case) -> bool | None:
        missing = False
        for part in parts:
            found: bool | None = part(case)
            if found is decides:
                return decides
            missing = missing or type(found) is not bool
        return None if missing else not decides

    return value


def calculated(first: Value, operation: Callable[[Any, Any], Any], second: Value) -> Value:
    """Arithmetic of integers, and `+` of texts."""
    of_texts = operation is operator.add

    def value(case: Case) -> int | str | None:
        one, other = first(case), second(case)
        if type(one) is int and type(other) is int:
            try:
                result: int = operation(one, other)
            except ZeroDivisionError:
                return None
            return result if _LOWEST <= result <= _HIGHEST else None
        return one + other if of_texts and type(one) is str and type(other) is str else None

    return value


def divided(one: int, other: int) -> int:
    """Towards zero, as CEL divides. Raises ZeroDivisionError."""
    quotient = abs(one) // abs(other)
    return quotient if (one < 0) is (other < 0) else -quotient


def asked(inner: Value, question: Callable[[str, str], bool], argument: Value) -> Value:
    """`startsWith` or `endsWith` of a text."""

    def value(case: Case) -> bool | None:
        found, part = inner(case), argument(case)
        return question(found, part) if type(found) is str and type(part) is str else None

    return value


def matched(inner: Value, pattern: Pattern[str]) -> Value:
    def value(case: Case) -> bool | None:
        found = inner(case)
        return pattern.search(found) is not None if type(found) is str else None

    return value


def called(function: Callable[..., Any], arguments: list[Value], types: list[type]) -> Value:
    def value(case: Case) -> Any:
        found = [argument(case) for argument in arguments]
        if [type(one) for one in found] != types:
            return None
        try:
            return function(*found)
        except (ValueError, OverflowError):
            return None

    return value
