"""The grammar of expressions, for those who want to say them in words: text in, a tree out.

Only expressions that CEL has compiled come here, so what cannot be parsed is not wrong; it is left as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


class NotRead(ValueError):
    """The text has something that is not understood here."""


@dataclass(frozen=True, slots=True)
class Name:
    """A variable by its dotted name."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    value: bool | int | str


@dataclass(frozen=True, slots=True)
class Items:
    """A list written out."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """`mark` between two parts: a comparison, `in`, arithmetic, `&&`, `||`, or `[]` for a look-up."""

    mark: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Not:
    inner: Tree


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or a method with what it is called on as the first argument."""

    function: str
    arguments: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? then : otherwise`."""

    condition: Tree
    then: Tree
    otherwise: Tree


Tree = Name | Constant | Items | Operation | Not | Call | Choice

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(?P<integer>[0-9]+)(?![\w.])"
    r"|(?P<word>\"[^\"\\]*\"|'[^'\\]*')|(?P<mark>&&|\|\||==|!=|<=|>=|[-<>!+*/(),\[\]?:]))\s*",
    re.ASCII,
)
_METHODS = frozenset({"startsWith", "endsWith", "matches", "exists", "all"})
_LEVELS = (
    ("||",),
    ("&&",),
    ("==", "!=", "<=", ">=", "<", ">", "in"),
    ("+", "-"),
    ("*", "/"),
)
"""Operators from the loosest to the tightest."""


def parse(text: str) -> Tree:
    """The tree of an expression.

    Raises:
        NotRead: it has something that is not known here.
    """
    parser = _Parser(_tokens(text))
    tree = parser.whole()
    if parser.tokens:
        raise NotRead(text)
    return tree


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise NotRead(text)
        kind, word = match.lastgroup, match[match.lastgroup]
        found.append(("mark", word) if word == "in" else (kind, word))
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens

    def whole(self) -> Tree:
        tree = self.level(0)
        if not self._one_of(("?",)):
            return tree
        then = self.whole()
        self._expect(":")
        return Choice(tree, then, self.whole())

    def level(self, number: int) -> Tree:
        if number == len(_LEVELS):
            return self._unary()
        tree = self.level(number + 1)
        while mark := self._one_of(_LEVELS[number]):
            tree = Operation(mark, tree, self.level(number + 1))
        return tree

    def _unary(self) -> Tree:
        if self._one_of(("!",)):
            return Not(self._unary())
        if self._one_of(("-",)):
            kind, text = self._next()
            if kind != "integer":
                raise NotRead(text)
            return Constant(-int(text))
        tree = self._primary()
        while self._one_of(("[",)):
            tree = Operation("[]", tree, self.whole())
            self._expect("]")
        return tree

    def _primary(self) -> Tree:
        kind, text = self._next()
        if kind == "integer":
            return Constant(int(text))
        if kind == "word":
            return Constant(text[1:-1])
        if kind == "name":
            return self._named(text)
        if text == "(":
            inner = self.whole()
            self._expect(")")
            return inner
        if text == "[":
            return Items(self._until("]"))
        raise NotRead(text)

    def _named(self, name: str) -> Tree:
        if not self._one_of(("(",)):
            return Constant(name == "true") if name in {"true", "false"} else Name(name)
        arguments = self._until(")")
        subject, _, method = name.rpartition(".")
        if not subject:
            return Call(name, arguments)
        if method not in _METHODS:
            raise NotRead(name)
        return Call(method, (Name(subject), *arguments))

    def _until(self, end: str) -> tuple[Tree, ...]:
        found: list[Tree] = []
        while not self._one_of((end,)):
            if found:
                self._expect(",")
            found.append(self.whole())
        return tuple(found)

    def _next(self) -> tuple[str, str]:
        if not self.tokens:
            raise NotRead("the end")
        return self.tokens.pop(0)

    def _one_of(self, marks: tuple[str, ...]) -> str | None:
        if self.tokens and self.tokens[0][0] == "mark" and self.tokens[0][1] in marks:
            return self.tokens.pop(0)[1]
        return None

    def _expect(self, mark: str) -> None:
        if self._one_of((mark,)) is None:
            raise NotRead(mark)
