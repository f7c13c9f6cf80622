"""What JSON a value must be: one check for each type of fact."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guide.errors import Problem, escape
from guide.model.base import parse_day, parse_instant

MAX_NUMBER = 10**15
MAX_TEXT = 100_000
NOTHING_THERE = "none"

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DECIMAL = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of one fact, or of one key of a record.

    `tokens` are the words of an enum, `pattern` what a whole text must match, `keys` the keys of a record;
    `range` bounds an integer. `nullable`: `"none"` says that there is nothing, as was found out.
    """

    type: str
    tokens: frozenset[str] | None = None
    pattern: re.Pattern[str] | None = None
    keys: Mapping[str, Shape] | None = None
    range: Sequence[int] | None = None
    nullable: bool = False


def value_problems(shape: Shape, value: Any, pointer: str) -> Iterator[Problem]:
    """What is wrong with a value. Null and the empty string are a missing fact, never wrong."""
    if value is None or value == "" or (shape.nullable and value == NOTHING_THERE):
        return
    for inner, reason in _CHECKS[shape.type](shape, value):
        yield Problem(pointer + inner, reason)


Reasons = Iterator[tuple[str, str]]
"""(pointer below the value, what is wrong)"""


def shown(text: str) -> str:
    """A word for a sentence, in quotes, cut short however long it is."""
    return repr(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…")


def _bool(shape: Shape, value: Any) -> Reasons:
    if not isinstance(value, bool):
        yield "", "true or false"


def _number(shape: Shape, value: Any) -> Reasons:
    if isinstance(value, bool) or not isinstance(value, int):
        yield "", "an integer in whole yuan" if shape.type == "money" else "an integer"
        return
    low, high = shape.range or (0, MAX_NUMBER)
    if not low <= value <= high:
        yield "", f"from {low} to {high}"


def _decimal(shape: Shape, value: Any) -> Reasons:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        yield "", 'a decimal number as text, such as "33.33"'


def _text(shape: Shape, value: Any) -> Reasons:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        yield "", f"longer than {MAX_TEXT} characters"
    else:
        yield from _word(shape, value)


def _word(shape: Shape, value: Any) -> Reasons:
    """Texts, codes, references, and tokens, whether listed or by a pattern."""
    if not isinstance(value, str):
        yield "", "a text"
    elif _NO_TEXT.search(value):
        yield "", "contains characters that are no text"
    elif shape.tokens is not None and value not in shape.tokens:
        yield "", f"{shown(value)} is none of the tokens"
    elif shape.pattern is not None and not shape.pattern.fullmatch(value):
        yield "", f"{shown(value)} is no code of this kind"


def _parsed(parse: Callable[[str], object]) -> Callable[[Shape, Any], Reasons]:
    def check(shape: Shape, value: Any) -> Reasons:
        try:
            parse(value if isinstance(value, str) else "")
        except ValueError as error:
            yield "", str(error)

    return check


_day, _instant = _parsed(parse_day), _parsed(parse_instant)


def _file(shape: Shape, value: Any) -> Reasons:
    if not isinstance(value, Mapping):
        yield "", "a file is an object with sha256 and at"
        return
    for key in value:
        if key not in {"sha256", "at", "name"}:
            yield f"/{escape(key)}", "no key of a file"
    if not isinstance(value.get("sha256"), str) or not _SHA256.fullmatch(value["sha256"]):
        yield "/sha256", "64 hexadecimal digits"
    yield from _below("/at", _instant(shape, value.get("at")))
    yield from _below("/name", _text(TEXT, value.get("name", "")))


def _list(shape: Shape, value: Any) -> Reasons:
    if not isinstance(value, list):
        yield "", "an array of texts"
        return
    for index, item in enumerate(value):
        yield from _below(f"/{index}", _word(shape, item))


def _set(shape: Shape, value: Any) -> Reasons:
    found = list(_list(shape, value))
    yield from found
    if not found and len(set(value)) < len(value):
        yield "", "a token stands twice"


def _map(shape: Shape, value: Any) -> Reasons:
    if not isinstance(value, Mapping):
        yield "", "an object of tokens and decimal numbers"
        return
    for key, item in value.items():
        yield from _below(f"/{escape(key)}", _word(shape, key))
        yield from _below(f"/{escape(key)}", _decimal(shape, item))


def _record(shape: Shape, value: Any) -> Reasons:
    if not isinstance(value, Mapping):
        yield "", "an object"
        return
    keys = shape.keys or {}
    for key, item in value.items():
        here = f"/{escape(key)}"
        if key not in keys:
            yield here, f"{shown(key)} is no key of this record"
        else:
            yield from ((one.pointer, one.reason) for one in value_problems(keys[key], item, here))
    if shape.type in {"ref<org>", "list<ref<org>>"} and not value.get("id"):
        yield "/id", "the organisation's id is required"


def _records(shape: Shape, value: Any) -> Reasons:
    if shape.keys is None:
        yield from _list(shape, value)
    elif not isinstance(value, list):
        yield "", "an array of objects"
    else:
        for index, item in enumerate(value):
            yield from _below(f"/{index}", _record(shape, item))


def _below(pointer: str, reasons: Reasons) -> Reasons:
    return ((pointer + inner, reason) for inner, reason in reasons)


TEXT = Shape("text")

_CHECKS: dict[str, Callable[[Shape, Any], Reasons]] = {
    "bool": _bool,
    "int": _number,
    "money": _number,
    "percent": _decimal,
    "decimal": _decimal,
    "text": _text,
    "date": _day,
    "instant": _instant,
    "code": _text,
    "enum": _text,
    "file": _file,
    "ref": _text,
    "ref<person>": _text,
    "ref<application>": _text,
    "ref<org>": _record,
    "set<enum>": _set,
    "map<enum,decimal>": _map,
    "list<text>": _list,
    "list<ref>": _records,
    "list<ref<org>>": _records,
    "list<record>": _records,
}
