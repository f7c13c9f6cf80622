"""Wrong versions of a pack's rules: each differs from the pack in one place, as a slip of the pen would."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from guide.model.parts import put_in_place
from guide.model.rules import Rule

_PIECE = re.compile(
    r'"(?P<word>[^"]*)"|(?P<name>[A-Za-z_][\w.]*)|(?P<int>\d+)|(?P<mark>&&|\|\||[<>=!]=|[<>!])'
)
_MARKS = {
    ">=": (">",), "<=": ("<",), ">": (">=",), "<": ("<=",), "==": ("!=",), "!=": ("==",),
    "&&": ("||",), "||": ("&&",), "!": ("",),
}  # fmt: skip
_LIST = re.compile(r"\bin \[([^\]]*)\]")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_PLACE = re.compile(r"\d{6}\Z")
_DECIMAL = re.compile(r"\d{1,3}\Z")
_STEP = timedelta(days=1)


@dataclass(frozen=True)
class Mutant:
    """`place` is the rule or the shared condition with a JSON Pointer into it, `change` what is different
    there; `rules` are those that it makes different."""

    place: str
    change: str
    rules: tuple[Rule, ...]


def mutants(data: Mapping[str, Any]) -> Iterator[Mutant]:
    """Every version of a pack's data that differs in one place of a rule's guard, condition or first stage,
    or of a condition that rules share."""
    rules = {rule["id"]: rule for rule in data["rules"]}
    users = _users(data)
    for name, rule in rules.items():
        for key in ("guard", "from_stage"):
            if rule.get(key) is not None:
                yield _made(data, users, f"{name}/{key}", "left out", rules={name: {**rule, key: None}})
        for root in ("guard", "require"):
            for where, change, part in _of_part(rule.get(root)):
                yield _made(data, users, f"{name}/{root}{where}", change, rules={name: {**rule, root: part}})
    for name, condition in data.get("conditions", {}).items():
        for where, change, part in _of_part(condition):
            yield _made(data, users, f"{name}{where}", change, conditions={name: part})


def _made(
    data: Mapping[str, Any],
    users: Mapping[str, set[str]],
    place: str,
    change: str,
    rules: Mapping[str, Any] | None = None,
    conditions: Mapping[str, Any] | None = None,
) -> Mutant:
    other = [(rules or {}).get(rule["id"], rule) for rule in data["rules"]]
    touched = {
        *(rules or {}),
        *(user for name in (*(rules or {}), *(conditions or {})) for user in users[name]),
    }
    needed = touched | {name for name, by in users.items() if by & touched}
    spoiled = {
        "conditions": {**data.get("conditions", {}), **(conditions or {})},
        "rules": [rule for rule in other if rule["id"] in needed],
    }
    written = put_in_place(spoiled)["rules"]
    return Mutant(place, change, tuple(Rule.model_validate(one) for one in written if one["id"] in touched))


def _users(data: Mapping[str, Any]) -> dict[str, set[str]]:
    """By rule or condition the rules that have it as a part, through others too."""
    named = {name: set(_named(part)) for name, part in data.get("conditions", {}).items()}
    named |= {rule["id"]: set(_named([rule.get("guard"), rule["require"]])) for rule in data["rules"]}
    users: dict[str, set[str]] = {name: set() for name in named}
    for rule in data["rules"]:
        left, seen = [rule["id"]], set[str]()
        while left:
            for name in named[left.pop()] - seen:
                seen.add(name)
                left.append(name)
                users[name].add(rule["id"])
    return users


def _named(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key in {"same", "rule"} and isinstance(value, str):
                yield value
            else:
                yield from _named(value)
    elif isinstance(part, list):
        for one in part:
            yield from _named(one)


Change = tuple[str, str, Any]
"""Pointer below the part, what is different, the whole part with the difference."""


def _of_part(part: Any) -> Iterator[Change]:
    if isinstance(part, str):
        yield from (("", change, text) for change, text in _of_text(part))
    elif isinstance(part, dict):
        word, body = next(iter(part.items()))
        yield from _of_construct(word, part)
        for where, inner, rebuild in _inner(word, body, part):
            yield from (
                (where + below, change, rebuild(changed)) for below, change, changed in _of_part(inner)
            )


def _inner(word: str, body: Any, part: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """The parts right below a part, each with what puts another in its place."""

    def put(*path: Any) -> Any:
        return lambda changed: _with(part, path, changed)

    if word in {"all", "any"}:
        yield from ((f"/{word}/{at}", one, put(word, at)) for at, one in enumerate(body))
    elif word == "downgrade":
        yield f"/{word}", body, put(word)
    elif word == "present":
        if part.get("otherwise") is not None:
            yield "/otherwise", part["otherwise"], put("otherwise")
    elif isinstance(body, dict):
        for path in _paths_of_parts(word, body):
            inner = part
            for step in path:
                inner = inner[step]
            yield "".join(f"/{step}" for step in path), inner, put(*path)


_PARTS = ("condition", "then", "where", "otherwise", "open", "unconfirmed", "declared", "result")


def _paths_of_parts(word: str, body: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    yield from ((word, key) for key in _PARTS if body.get(key) is not None)
    cases = body.get("cases") or {}
    if isinstance(cases, dict):
        yield from ((word, "cases", key) for key in cases)
    else:
        yield from ((word, "cases", at, key) for at in range(len(cases)) for key in ("when", "then"))


def _of_construct(word: str, part: dict[str, Any]) -> Iterator[Change]:
    """What may be wrong with a construct itself, its parts being right."""
    return _SLIPS.get(word, lambda *_: iter(()))(word, part)


def _of_parts(word: str, part: dict[str, Any]) -> Iterator[Change]:
    body = part[word]
    for at in range(len(body)) if len(body) > 1 else ():
        yield f"/{word}/{at}", "left out", {word: [one for index, one in enumerate(body) if index != at]}


def _of_decision(word: str, part: dict[str, Any]) -> Iterator[Change]:
    body = part[word]
    yield "", "the other answer", _with(part, (word, "good"), not body.get("good", True))
    yield from _without(part, word, "otherwise")
    yield from _shorter(part, (word, "on"))


def _of_each(word: str, part: dict[str, Any]) -> Iterator[Change]:
    other = "fail" if part[word]["empty"] == "pass" else "pass"
    yield f"/{word}/empty", other, _with(part, (word, "empty"), other)


def _of_total(word: str, part: dict[str, Any]) -> Iterator[Change]:
    n, op = part[word]["n"], part[word]["op"]
    yield f"/{word}/op", "turned round", _with(part, (word, "op"), {">=": "<=", "<=": ">="}[op])
    for other in (n - 1, n + 1) if isinstance(n, int) else ():
        yield f"/{word}/n", str(other), _with(part, (word, "n"), other)
    yield from _without(part, word, "distinct")


def _of_cases(word: str, part: dict[str, Any]) -> Iterator[Change]:
    path = (word, "cases") if "cases" in part[word] else (word,)
    cases = part[word].get("cases", part[word])
    for key, one in cases.items():
        yield "/".join(("", *path, key)), "wrong", _with(part, (*path, key), _wrong(one))
    yield from _without(part, word, "unconfirmed")


def _of_days(word: str, part: dict[str, Any]) -> Iterator[Change]:
    for key, values in part[word]["values"].items():
        for at in range(len(values)):
            others = ['"1901-02-03"' if index == at else one for index, one in enumerate(values)]
            yield f"/{word}/values/{key}/{at}", "another day", _with(part, (word, "values", key), others)


_SLIPS: Mapping[str, Callable[[str, dict[str, Any]], Iterator[Change]]] = {
    "all": _of_parts,
    "any": _of_parts,
    "downgrade": lambda word, part: iter([("/downgrade", "hard", part[word])]),
    "present": lambda *_: iter([("", "not asked for", "pass")]),
    "asked": lambda *_: iter([("", "not asked for", "pass")]),
    "decision": _of_decision,
    "exists": _of_each,
    "forall": _of_each,
    "count": _of_total,
    "sum": _of_total,
    "readings": _of_cases,
    "table": _of_cases,
    "by_stage": _of_cases,
    "with_reading": _of_days,
    "absent": lambda word, part: _shorter(part, (word, "names")),
    "first_match": lambda word, part: _shorter(part, (word, "cases")),
}


def _without(part: dict[str, Any], word: str, key: str) -> Iterator[Change]:
    if part[word].get(key) is not None:
        yield f"/{word}/{key}", "left out", _with(part, (word, key), None)


def _shorter(part: dict[str, Any], path: tuple[str, str]) -> Iterator[Change]:
    """A list without one of its elements; of names and of cases one is left."""
    word, key = path
    listed = part[word].get(key) or ()
    if key == "on" or len(listed) > 1:
        for at in range(len(listed)):
            rest = [one for index, one in enumerate(listed) if index != at]
            yield f"/{word}/{key}/{at}", "left out", _with(part, path, rest)


def _wrong(part: Any) -> str:
    open_anyway = part in ("not_applicable", "unknown", "manual") or (
        isinstance(part, dict) and "asked" in part
    )
    return "fail" if open_anyway else "unknown"


def _with(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    step, *rest = path
    if isinstance(data, list):
        return [_with(one, tuple(rest), value) if at == step else one for at, one in enumerate(data)]
    return {**data, step: _with(data.get(step), tuple(rest), value)}


def _of_text(text: str) -> Iterator[tuple[str, str]]:
    """An outcome or an expression that differs in one sign, figure, day, or word of a list."""
    others = {"pass": "fail", "fail": "pass", "manual": "fail", "unknown": "manual", "not_applicable": "fail"}
    if text in others:
        yield others[text], others[text]
        return
    for found in _LIST.finditer(text):
        words = [one.strip() for one in found[1].split(",")]
        for at in range(len(words)):
            rest = ", ".join(one for index, one in enumerate(words) if index != at) or '"nothing"'
            yield f"without {words[at]}", f"{text[: found.start()]}in [{rest}]{text[found.end() :]}"
    for found in _PIECE.finditer(text):
        for other in _others(found, decimal="at_least(" in text):
            yield f"{found[0]} -> {other or 'nothing'}", text[: found.start()] + other + text[found.end() :]


def _others(found: re.Match[str], *, decimal: bool) -> tuple[str, ...]:
    if found["mark"]:
        return _MARKS[found["mark"]]
    if found["int"]:
        return (str(int(found[0]) + 1), *((str(int(found[0]) - 1),) if int(found[0]) else ()))
    word = found["word"]
    if word is not None and _PLACE.match(word):
        return ('"999900"',)
    if word is not None and _DAY.match(word):
        day = date.fromisoformat(word)
        return (f'"{day - _STEP}"', f'"{day + _STEP}"')
    if word is not None and decimal and _DECIMAL.match(word):
        return (f'"{word}.01"', f'"{int(word) - 1}.99"')
    return ()
