"""Expressions that are evaluated without CEL: comparisons, calls of our own functions, and, or, not.

CEL has compiled and typed them before; here they are made into closures with the same meaning. Most leaves
are of this kind. They are taken from CEL for two reasons: a call into it costs more than all the rest of a
rule, and cel-expr-python (0.1.3) never frees the arguments and results of a Python function that it calls.
What is not understood here (arithmetic, conditions, methods, macros) is left to CEL.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guide.case import Case

Value = Callable[["Case"], Any]
"""The value of an expression; None if a fact that decides is missing or of a wrong type."""
Test = Callable[[Any, Any], bool]
Functions = Mapping[str, tuple[Sequence[str], Callable[..., Any]]]
"""Parameter types and implementation by name."""

_TOKEN = re.compile(
    r'\s*(?:(?P<name>[A-Za-z_][\w.]*)|(?P<integer>-?[0-9]{1,18})(?![\w.])|(?P<word>"[^"\\]*")'
    r"|(?P<mark>&&|\|\||==|!=|<=|>=|[<>!(),\[\]]))\s*",
    re.ASCII,
)
_TESTS: dict[str, Test] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_PYTHON_TYPES = {"BOOL": bool, "INT": int, "STRING": str, "TIMESTAMP": datetime, "LIST<STRING>": list}


class _LeftToCel(Exception):
    """The text has something that only CEL knows."""


@dataclass(frozen=True, slots=True)
class _Term:
    """A value; `name` if it is a variable, `constant` if it is written out."""

    value: Value
    name: str | None = None
    constant: bool | int | str | None = None


def direct(
    text: str, variables: Collection[str], functions: Functions, records: Collection[str] = ()
) -> Value | None:
    """The value of an expression that has compiled, if CEL is not needed for it.

    `variables` may be read by name: scalars only, which Python compares as CEL does. Of `records` the keys
    may be read.
    """
    try:
        parser = _Parser(text, variables, functions, {*records, "item"})
        value = parser.either().value
        parser.end()
    except (_LeftToCel, RecursionError):
        return None
    return value


class _Parser:
    """Recursive descent over the part of CEL's grammar that is used most."""

    def __init__(
        self, text: str, variables: Collection[str], functions: Functions, records: Collection[str]
    ) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise _LeftToCel
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self._variables = variables
        self._functions = functions
        self._records = records

    def either(self) -> _Term:
        return self._joined("||", self._both, decides=True)

    def end(self) -> None:
        if self._tokens:
            raise _LeftToCel

    def _both(self) -> _Term:
        return self._joined("&&", self._comparison, decides=False)

    def _joined(self, mark: str, part: Callable[[], _Term], *, decides: bool) -> _Term:
        parts = [part()]
        while self._accept(mark):
            parts.append(part())
        return parts[0] if len(parts) == 1 else _Term(_joined([one.value for one in parts], decides))

    def _comparison(self) -> _Term:
        left = self._unary()
        for mark, test in _TESTS.items():
            if self._accept(mark):
                return _Term(_compared(left, test, self._unary()))
        if self._tokens[:1] == [("name", "in")]:
            del self._tokens[0]
            return _Term(_one_of(left.value, self._words()))
        return left

    def _unary(self) -> _Term:
        return _Term(_negated(self._unary().value)) if self._accept("!") else self._primary()

    def _primary(self) -> _Term:
        if self._accept("("):
            inner = self.either()
            self._expect(")")
            return inner
        kind, text = self._next()
        if kind == "name" and self._accept("("):
            return _Term(self._call(text))
        if kind == "name":
            return self._named(text)
        if kind == "mark":
            raise _LeftToCel
        return _constant(int(text) if kind == "integer" else text[1:-1])

    def _named(self, name: str) -> _Term:
        if name in self._variables:
            return _Term(lambda case: case.values.get(name), name=name)
        if name in {"true", "false"}:
            return _constant(name == "true")
        record, _, key = name.rpartition(".")
        if record in self._records:
            return _Term(lambda case: case.values.get(record, {}).get(key))
        raise _LeftToCel

    def _call(self, name: str) -> Value:
        if name not in self._functions:
            raise _LeftToCel
        parameters, function = self._functions[name]
        arguments = [self.either().value]
        while self._accept(","):
            arguments.append(self.either().value)
        self._expect(")")
        return _called(function, arguments, [_PYTHON_TYPES[parameter] for parameter in parameters])

    def _words(self) -> frozenset[str]:
        self._expect("[")
        words = [self._word()]
        while self._accept(","):
            words.append(self._word())
        self._expect("]")
        return frozenset(words)

    def _word(self) -> str:
        kind, text = self._next()
        if kind != "word":
            raise _LeftToCel
        return text[1:-1]

    def _next(self) -> tuple[str, str]:
        if not self._tokens:
            raise _LeftToCel
        return self._tokens.pop(0)

    def _accept(self, mark: str) -> bool:
        found = self._tokens[:1] == [("mark", mark)]
        if found:
            del self._tokens[0]
        return found

    def _expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise _LeftToCel


def _constant(constant: bool | int | str) -> _Term:
    return _Term(lambda _: constant, constant=constant)


def _compared(left: _Term, test: Test, right: _Term) -> Value:
    if left.name is not None and right.constant is not None:
        return _with_constant(left.name, test, right.constant)
    first, second = left.value, right.value

    def value(case: Case) -> bool | None:
        one, other = first(case), second(case)
        return test(one, other) if type(one) is type(other) and one is not None else None

    return value


def _with_constant(name: str, test: Test, constant: bool | int | str) -> Value:
    kind = type(constant)

    def value(case: Case) -> bool | None:
        found = case.values.get(name)
        return test(found, constant) if type(found) is kind else None

    return value


def _one_of(inner: Value, words: frozenset[str]) -> Value:
    def value(case: Case) -> bool | None:
        found = inner(case)
        return found in words if type(found) is str else None

    return value


def _negated(inner: Value) -> Value:
    def value(case: Case) -> bool | None:
        found = inner(case)
        return None if found is None else not found

    return value


def _joined(parts: list[Value], decides: bool) -> Value:
    """The value that decides (true of `or`, false of `and`) wins over what is missing."""

    def value(case: Case) -> bool | None:
        missing = False
        for part in parts:
            found: bool | None = part(case)
            if found is decides:
                return decides
            missing = missing or found is None
        return None if missing else not decides

    return value


def _called(function: Callable[..., Any], arguments: list[Value], types: list[type]) -> Value:
    def value(case: Case) -> Any:
        found = [argument(case) for argument in arguments]
        if [type(one) for one in found] != types:
            return None
        try:
            return function(*found)
        except (ValueError, OverflowError):
            return None

    return value
