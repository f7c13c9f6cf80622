"""Facts as they are sent: nesting, names, types, and who may not send them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from guide.errors import Problem, escape
from guide.model.base import parse_instant
from guide.nesting import flatten
from guide.pack import Pack
from guide.views import FactDef
from guide.words import Owner

MAX_NUMBER = 10**15
MAX_TEXT = 100_000
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def unavailable_facts(pack: Pack, patterns: Iterable[str]) -> frozenset[str]:
    """Facts named by `name`, `name[].key` or `prefix.*`."""
    found: set[str] = set()
    for pattern in patterns:
        name = pattern.split("[]", 1)[0]
        if name.endswith(".*"):
            stem = name[:-2]
            found.update(fact for fact in pack.facts if fact == stem or fact.startswith(f"{stem}."))
        elif name in pack.facts:
            found.add(name)
    return frozenset(found)


def check_unavailable(pack: Pack, patterns: Iterable[str], base: str = "/unavailable") -> list[Problem]:
    """Names in `unavailable` that are no fact and no prefix of one."""
    return [
        Problem(f"{base}/{index}", f"{pattern!r} names no fact")
        for index, pattern in enumerate(patterns)
        if not unavailable_facts(pack, [pattern])
    ]


def facts_catalogue(pack: Pack) -> list[dict[str, Any]]:
    """Every fact of the pack: name, type, unit, owner, allowed, label_zh, label_en, rules."""
    return [fact.as_dict() for fact in pack.facts.values()]


def check_facts(pack: Pack, category: str, facts: Any, base: str = "") -> list[Problem]:
    """Everything wrong with nested facts: names, JSON types, tokens, shapes, owners.

    Pointers start with `base` (such as `/facts`). A null or an empty string is a missing fact, never wrong.
    KeyError if the category is no leaf.
    """
    pack.leaf(category)
    problems: list[Problem] = []
    if not isinstance(facts, Mapping):
        return [Problem(base, "facts are an object")]
    _walk(pack, facts, "", base, problems)
    if not problems:
        problems.extend(_limit_problem(pack, facts, base))
    return problems


def _walk(pack: Pack, node: Mapping[str, Any], prefix: str, pointer: str, problems: list[Problem]) -> None:
    for key, value in node.items():
        name = f"{prefix}{key}"
        here = f"{pointer}/{escape(str(key))}"
        fact = pack.facts.get(name)
        if fact is not None:
            problems.extend(_check(fact, value, here))
        elif not any(known.startswith(f"{name}.") for known in pack.facts):
            problems.append(Problem(here, f"{name!r} is no fact of {pack.id}"))
        elif isinstance(value, Mapping):
            _walk(pack, value, f"{name}.", here, problems)
        elif value is not None:
            problems.append(Problem(here, f"{name!r} is an object of facts"))


def _check(fact: FactDef, value: Any, pointer: str) -> list[Problem]:
    if fact.owner is Owner.call:
        return [Problem(pointer, f"{fact.name} is supplied by the guide and cannot be sent")]
    if value is None or value == "":
        return []
    return [Problem(pointer + inner, reason) for inner, reason in _CHECKS[fact.type](fact, value)]


def _limit_problem(pack: Pack, facts: Mapping[str, Any], base: str) -> Iterable[Problem]:
    flat = flatten(facts, pack.facts)
    row = pack.quota_rows.get(str(flat.get("quota.row")))
    limit = flat.get("quota.limit")
    if limit is not None and row is not None and limit != row.limit:
        yield Problem(f"{base}/quota/limit", f"the row {row.id} has {row.limit} places")


Reasons = Iterable[tuple[str, str]]


def _bool(fact: FactDef, value: Any) -> Reasons:
    if not isinstance(value, bool):
        yield "", "true or false"


def _number(fact: FactDef, value: Any) -> Reasons:
    if isinstance(value, bool) or not isinstance(value, int):
        yield "", "an integer in whole yuan" if fact.type == "money" else "an integer"
    elif not 0 <= value <= MAX_NUMBER:
        yield "", f"from 0 to {MAX_NUMBER}"


def _text(fact: FactDef, value: Any) -> Reasons:
    if not isinstance(value, str):
        yield "", "a text"
    elif len(value) > MAX_TEXT:
        yield "", f"longer than {MAX_TEXT} characters"
    elif fact.pattern is not None and not re.fullmatch(fact.pattern, value):
        yield "", f"{value!r} is no code of this kind"


def _enum(fact: FactDef, value: Any) -> Reasons:
    if not isinstance(value, str) or value not in (fact.allowed or ()):
        yield "", f"{value!r} is none of the tokens of {fact.name}"


def _ref(fact: FactDef, value: Any) -> Reasons:
    return _enum(fact, value) if fact.allowed is not None else _text(fact, value)


def _date(fact: FactDef, value: Any) -> Reasons:
    try:
        good = isinstance(value, str) and bool(_DATE.match(value)) and bool(date.fromisoformat(value))
    except ValueError:
        good = False
    if not good:
        yield "", "a date as YYYY-MM-DD"


def _instant(fact: FactDef, value: Any) -> Reasons:
    try:
        parse_instant(value if isinstance(value, str) else "")
    except ValueError as error:
        yield "", str(error)


def _file(fact: FactDef, value: Any) -> Reasons:
    if not isinstance(value, Mapping):
        yield "", "a file is an object with sha256 and at"
        return
    yield from (
        (f"/{escape(str(key))}", "no key of a file") for key in value if key not in {"sha256", "at", "name"}
    )
    if not isinstance(value.get("sha256"), str) or not _SHA256.match(value["sha256"]):
        yield "/sha256", "64 hexadecimal digits"
    yield from ((f"/at{inner}", reason) for inner, reason in _instant(fact, value.get("at")))
    if not isinstance(value.get("name", ""), str):
        yield "/name", "a text"


def _texts(fact: FactDef, value: Any) -> Reasons:
    if not isinstance(value, list):
        yield "", "an array of texts"
        return
    yield from ((f"/{index}", "a text") for index, one in enumerate(value) if not isinstance(one, str))


def _records(fact: FactDef, value: Any) -> Reasons:
    if not isinstance(value, list):
        yield "", "an array of objects"
        return
    for index, element in enumerate(value):
        if not isinstance(element, Mapping):
            yield f"/{index}", "an object"
            continue
        for key, one in element.items():
            yield from ((f"/{index}/{escape(str(key))}", reason) for reason in _key_problem(fact, key, one))
        if fact.type == "list<ref<org>>" and not element.get("id"):
            yield f"/{index}/id", "the organisation's id is required"


def _key_problem(fact: FactDef, key: str, value: Any) -> Iterable[str]:
    if key not in fact.record:
        yield f"{key!r} is no key of {fact.name}"
    elif value is None or value == "":
        return
    elif not isinstance(value, str):
        yield "a text"
    elif (tokens := fact.record[key]) is not None and value not in tokens:
        yield f"{value!r} is none of the tokens"


_CHECKS: dict[str, Callable[[FactDef, Any], Reasons]] = {
    "bool": _bool,
    "int": _number,
    "money": _number,
    "text": _text,
    "date": _date,
    "instant": _instant,
    "code": _text,
    "enum": _enum,
    "file": _file,
    "ref": _ref,
    "list<text>": _texts,
    "list<ref>": _records,
    "list<ref<org>>": _records,
}
