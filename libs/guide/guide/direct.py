"""Expressions that are evaluated without CEL: comparisons, arithmetic, lists and texts, calls of our own
functions, and, or, not.

CEL has compiled and typed them before; here they are made into closures with the same meaning. Nearly all
leaves are of this kind. They are taken from CEL for two reasons: a call into it costs more than all the rest
of a rule, and cel-expr-python (0.1.3) never frees the arguments and results of a Python function that it
calls. What is not understood here (conditions, conversions, macros) is left to CEL.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guide import closures
from guide.closures import Test, Value
from guide.model.base import parse_instant

Functions = Mapping[str, tuple[Sequence[str], Callable[..., Any]]]
"""Parameter types and implementation by name."""

_TOKEN = re.compile(
    r'\s*(?:(?P<name>[A-Za-z_][\w.]*)|(?P<integer>-?[0-9]{1,18})(?![\w.])|(?P<word>"[^"\\]*")'
    r"|(?P<mark>&&|\|\||==|!=|<=|>=|[-+*/<>!(),\[\]]))\s*",
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
_SUMS = {"+": operator.add, "-": operator.sub}
_PRODUCTS = {"*": operator.mul, "/": closures.divided}
_TEXT_QUESTIONS = {"startsWith": str.startswith, "endsWith": str.endswith}
_PYTHON_TYPES = {"BOOL": bool, "INT": int, "STRING": str, "TIMESTAMP": datetime, "LIST<STRING>": list}
_SIMPLE_PATTERN = re.compile(r"\^?[A-Za-z0-9_/|()\[\]]+\$?", re.ASCII)
"""Patterns that RE2 and Python read alike."""
_READING, _SETTLED = "reading", "settled"


class _LeftToCel(Exception):
    """The text has something that only CEL knows."""


@dataclass(frozen=True, slots=True)
class Known:
    """Names that expressions may read: `scalars`, which Python compares as CEL does (with `instants` CEL also
    calculates, Python not alike); `lists`, of which the size may be asked, and of those in `words` (lists of
    texts) the elements; `records`, of which a key."""

    scalars: Collection[str]
    instants: Collection[str] = ()
    lists: Collection[str] = ()
    words: Collection[str] = ()
    records: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class _Term:
    """A value; `name` if it is a variable, `constant` if it is written out."""

    value: Value
    name: str | None = None
    constant: bool | int | str | None = None


def direct(text: str, known: Known, functions: Functions) -> Value | None:
    """The value of an expression that has compiled, if CEL is not needed for it."""
    try:
        parser = _Parser(text, known, functions)
        value = parser.either().value
        parser.end()
    except (_LeftToCel, RecursionError):
        return None
    return value


class _Parser:
    """Recursive descent over the part of CEL's grammar that is used most."""

    def __init__(self, text: str, known: Known, functions: Functions) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise _LeftToCel
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self._known = known
        self._functions = functions

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
        if len(parts) == 1:
            return parts[0]
        return _Term(closures.joined([one.value for one in parts], decides=decides))

    def _comparison(self) -> _Term:
        left = self._sum()
        for mark, test in _TESTS.items():
            if self._accept(mark):
                return _Term(_compared(left, test, self._sum()))
        if self._tokens[:1] == [("name", "in")]:
            del self._tokens[0]
            return _Term(self._contained(left.value))
        return left

    def _contained(self, left: Value) -> Value:
        if not self._accept("["):
            return closures.member_of(left, self._name_of(self._known.words))
        words = [self._word()]
        while self._accept(","):
            words.append(self._word())
        self._expect("]")
        return closures.one_of(left, frozenset(words))

    def _sum(self) -> _Term:
        return self._calculated(_SUMS, self._product)

    def _product(self) -> _Term:
        return self._calculated(_PRODUCTS, self._unary)

    def _calculated(
        self, operations: Mapping[str, Callable[[Any, Any], Any]], part: Callable[[], _Term]
    ) -> _Term:
        left = part()
        while mark := next((one for one in operations if self._accept(one)), None):
            right = part()
            if left.name in self._known.instants or right.name in self._known.instants:
                raise _LeftToCel
            left = _Term(closures.calculated(left.value, operations[mark], right.value))
        return left

    def _unary(self) -> _Term:
        return _Term(closures.negated(self._unary().value)) if self._accept("!") else self._primary()

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
        if name in self._known.scalars:
            return _Term(closures.named(name), name=name)
        if name in {"true", "false"}:
            return _constant(name == "true")
        if name == _SETTLED:
            return _Term(self._settled())
        return _Term(closures.key_of(*self._key(name)))

    def _settled(self) -> Value:
        self._expect("[")
        interpretation = self._word()
        self._expect("]")
        return closures.key_of(_SETTLED, interpretation)

    def _key(self, name: str) -> tuple[str, str]:
        record, _, key = name.rpartition(".")
        if record not in self._known.records:
            raise _LeftToCel
        return record, key

    def _call(self, name: str) -> Value:
        if name == "timestamp":
            value = closures.called(parse_instant, [self._reading()], [str])
        elif name == "has":
            value = closures.has(*self._key(self._next()[1]))
        elif name == "size":
            value = closures.size_of(self._name_of(self._known.lists))
        elif name in self._functions:
            return self._own(name)
        else:
            receiver, _, method = name.rpartition(".")
            value = self._of_text(self._named(receiver).value, method)
        self._expect(")")
        return value

    def _reading(self) -> Value:
        """A reading: instants among them were checked when they were sent, other texts are not for Python."""
        name = self._name_of((_READING, _SETTLED))
        return closures.named(name) if name == _READING else self._settled()

    def _own(self, name: str) -> Value:
        parameters, function = self._functions[name]
        arguments = [self.either().value]
        while self._accept(","):
            arguments.append(self.either().value)
        self._expect(")")
        return closures.called(function, arguments, [_PYTHON_TYPES[parameter] for parameter in parameters])

    def _of_text(self, receiver: Value, method: str) -> Value:
        if method in _TEXT_QUESTIONS:
            return closures.asked(receiver, _TEXT_QUESTIONS[method], self._sum().value)
        if method != "matches":
            raise _LeftToCel
        pattern = self._word()
        if not _SIMPLE_PATTERN.fullmatch(pattern):
            raise _LeftToCel
        # Python's `$` also stands before a last line break
        return closures.matched(receiver, re.compile(re.sub(r"\$$", r"\\Z", pattern)))

    def _name_of(self, names: Collection[str]) -> str:
        kind, name = self._next()
        if kind != "name" or name not in names:
            raise _LeftToCel
        return name

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


def _constant(stated: bool | int | str) -> _Term:
    return _Term(closures.constant(stated), constant=stated)


def _compared(left: _Term, test: Test, right: _Term) -> Value:
    if left.name is not None and right.constant is not None:
        return closures.compared_with(left.name, test, right.constant)
    return closures.compared(left.value, test, right.value)
