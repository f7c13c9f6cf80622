"""Expressions in words."""

from __future__ import annotations

from guide.reading.grammar import Call, Choice, Constant, Items, Name, Not, NotRead, Operation, Tree, parse
from guide.reading.labels import Labels
from guide.shapes import NOTHING_THERE

_SIGNS = {
    ">=": "≥",
    "<=": "≤",
    ">": ">",
    "<": "<",
    "==": "=",
    "!=": "≠",
    "+": "+",
    "-": "−",
    "*": "×",
    "/": "÷",
}
_TURNED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "==": "==", "!=": "!="}
_CALLS: dict[str, tuple[str, str]] = {
    "zone_date": ("{0}当日", "the day of {0}"),
    "year": ("{0}的年份", "the year of {0}"),
    "age_at": ("按{0}计、截至{1}的周岁", "completed years from {0} to {1}"),
    "at_least": ("{0} ≥ {1}", "{0} ≥ {1}"),
    "short_of": ("{0}距{1}的差额", "what {0} lacks to {1}"),
    "days_between": ("{0}至{1}的天数", "days from {0} to {1}"),
    "ms_between": ("{0}至{1}的时长", "time from {0} to {1}"),
    "norm_equal": ("{0}与{1}一致", "{0} is the same as {1}"),
    "contains_any": ("{0}中出现{1}", "{0} contains one of {1}"),
    "within": ("{0}在{1}范围内", "{0} lies in {1}"),
    "same_county": ("{0}与{1}为同一县（市、区）", "{0} and {1} are the same county"),
    "foreign": ("{0}为外国", "{0} is a foreign country"),
    "size": ("{0}的数量", "the number of {0}"),
    "has": ("{0}已载明", "{0} is stated"),
    "string": ("{0}", "{0}"),
    "int": ("{0}", "{0}"),
    "timestamp": ("{0}", "{0}"),
    "startsWith": ("{0}以{1}开头", "{0} begins with {1}"),
    "endsWith": ("{0}以{1}结尾", "{0} ends with {1}"),
    "matches": ("{0}符合格式 {1}", "{0} has the form {1}"),
}


def say(text: str, labels: Labels) -> str | None:
    """What an expression asks, in words; None where it is not understood."""
    try:
        return _say(parse(text), labels)
    except (NotRead, RecursionError):
        return None


def _say(tree: Tree, labels: Labels, *, inside: bool = False) -> str:
    match tree:
        case Name(name):
            return _truth(name, labels, true=True) if _is_bool(name, labels) else labels.fact(name)
        case Constant(value):
            return _constant(value, None, labels)
        case Items(items):
            return labels.choose("、", ", ").join(_say(one, labels) for one in items)
        case Not(inner):
            return _negated(inner, labels)
        case Operation("&&" | "||" as mark, _, _):
            return _joined(mark, tree, labels, inside=inside)
        case Operation("[]", left, right):
            return _looked_up(left, right, labels)
        case Operation(mark, left, right):
            return _compared(mark, left, right, labels)
        case Choice(condition, then, otherwise):
            said = [_term(one, labels) for one in (then, otherwise)]
            when = _say(condition, labels)
            return labels.choose(
                f"（{when}则{said[0]}，否则{said[1]}）", f"({said[0]} if {when}, else {said[1]})"
            )
        case Call(function, arguments):
            return _called(function, arguments, labels)


def _negated(inner: Tree, labels: Labels) -> str:
    match inner:
        case Name(name):
            return _truth(name, labels, true=False)
        case Call("has", (stated,)):
            return labels.choose("{}未载明", "{} is not stated").format(_term(stated, labels))
    return labels.choose("并非（{}）", "not ({})").format(_say(inner, labels))


def _looked_up(left: Tree, right: Tree, labels: Labels) -> str:
    match left, right:
        case Name("settled"), Constant(str(one)):
            question = labels.question(one)
            return labels.choose(f"口径“{question}”所定的值", f"what “{question}” is settled as")
    raise NotRead("[]")


def _joined(mark: str, tree: Tree, labels: Labels, *, inside: bool) -> str:
    parts = [_say(one, labels, inside=True) for one in _flat(mark, tree)]
    text = (labels.choose("，且", " and ") if mark == "&&" else labels.choose("，或", " or ")).join(parts)
    return labels.choose(f"（{text}）", f"({text})") if inside else text


def _flat(mark: str, tree: Tree) -> list[Tree]:
    if isinstance(tree, Operation) and tree.mark == mark:
        return [*_flat(mark, tree.left), *_flat(mark, tree.right)]
    return [tree]


def _compared(mark: str, left: Tree, right: Tree, labels: Labels) -> str:
    if isinstance(left, Constant) and isinstance(right, Name) and mark in _TURNED:
        return _compared(_TURNED[mark], right, left, labels)
    if isinstance(left, Name) and isinstance(right, Constant):
        return _with_constant(mark, left.name, right.value, labels)
    if mark == "in":
        return _one_of(left, right, labels)
    match left:
        case Operation("[]", Name("settled"), Constant(str(one))) if isinstance(right, Constant):
            chosen = labels.choose("口径“{}”取“{}”", "the question “{}” is settled as “{}”")
            return chosen.format(labels.question(one), labels.reading(one, str(right.value)))
    first, second = (_grouped(mark, side, labels) for side in (left, right))
    return f"{first} {_SIGNS[mark]} {second}"


def _grouped(mark: str, side: Tree, labels: Labels) -> str:
    """A side, in brackets where it would otherwise belong to something else."""
    text = _term(side, labels)
    loose = isinstance(side, Operation) and side.mark in {"+", "-"}
    return labels.choose(f"（{text}）", f"({text})") if loose and mark in {"*", "/", "-"} else text


def _term(tree: Tree, labels: Labels) -> str:
    """A side of a comparison: a name is what it is called, also where it is true or false."""
    return labels.fact(tree.name) if isinstance(tree, Name) else _say(tree, labels, inside=True)


def _with_constant(mark: str, name: str, value: bool | int | str, labels: Labels) -> str:
    subject = labels.fact(name)
    if isinstance(value, bool):
        return _truth(name, labels, true=value is (mark == "=="))
    if value == NOTHING_THERE and labels.type_of(name) in {"text", "file", "ref", "date", "record"}:
        there = labels.choose("查有", "is found") if mark == "!=" else labels.choose("查无", "is not found")
        return labels.choose(f"{subject}{there}", f"{subject} {there}")
    if isinstance(value, str) and mark in {"==", "!="}:
        said = labels.choose("为", " is ") if mark == "==" else labels.choose("不为", " is not ")
        return f"{subject}{said}{_constant(value, name, labels)}"
    measured = name if mark not in {"*", "/"} else None
    return f"{subject} {_SIGNS[mark]} {_constant(value, measured, labels)}"


def _one_of(left: Tree, right: Tree, labels: Labels) -> str:
    if isinstance(right, Items):
        name = left.name if isinstance(left, Name) else None
        words = [
            _constant(one.value, name, labels) if isinstance(one, Constant) else _say(one, labels)
            for one in right.items
        ]
        said = labels.choose("、", ", ").join(words)
        return labels.choose(
            f"{_term(left, labels)}为下列之一：{said}", f"{_term(left, labels)} is one of: {said}"
        )
    if isinstance(right, Name) and isinstance(left, Constant):
        left_said = _constant(left.value, right.name, labels)
    else:
        left_said = _term(left, labels)
    return labels.choose(
        f"{_term(right, labels)}包含{left_said}", f"{_term(right, labels)} contains {left_said}"
    )


def _called(function: str, arguments: tuple[Tree, ...], labels: Labels) -> str:
    if function in {"exists", "all"}:
        return _over(function, arguments, labels)
    if function == "add_years":
        return _years_on(arguments, labels)
    if function not in _CALLS:
        raise NotRead(function)
    subject = arguments[0].name if isinstance(arguments[0], Name) else None
    said = [_term(one, labels) for one in arguments]
    if function == "within" and isinstance(arguments[1], Constant):
        said[1] = _area(str(arguments[1].value), labels)
    elif function == "at_least" and isinstance(arguments[1], Constant):
        percent = subject is not None and labels.type_of(subject) == "percent"
        said[1] = f"{arguments[1].value}{'%' if percent else ''}"
    return labels.choose(*_CALLS[function]).format(*said)


def _over(function: str, arguments: tuple[Tree, ...], labels: Labels) -> str:
    match arguments:
        case (Name(records), Name(variable), condition):
            inner = _say(condition, labels.within(variable, records))
            subject = labels.fact(records)
            if function == "exists":
                return labels.choose(
                    f"{subject}中至少一项满足：{inner}", f"at least one of {subject}: {inner}"
                )
            return labels.choose(f"{subject}每一项都满足：{inner}", f"each of {subject}: {inner}")
    raise NotRead(function)


def _years_on(arguments: tuple[Tree, ...], labels: Labels) -> str:
    match arguments:
        case (day, Constant(int(years))):
            said = _term(day, labels)
            if years < 0:
                return labels.choose(f"{said}前推{-years}年", f"{-years} {_years(years)} before {said}")
            return labels.choose(f"{said}后推{years}年", f"{years} {_years(years)} after {said}")
    raise NotRead("add_years")


def _years(count: int) -> str:
    return "year" if abs(count) == 1 else "years"


def _area(code: str, labels: Labels) -> str:
    call = labels.pack.call
    if code == call.city:
        return labels.choose(f"{call.city_zh}（{code}）", f"{call.city_en} ({code})")
    return labels.choose(f"区划 {code} ", f"the area {code}")


def _is_bool(name: str, labels: Labels) -> bool:
    return labels.type_of(name) == "bool"


def _truth(name: str, labels: Labels, *, true: bool) -> str:
    answer = labels.choose("是", "yes") if true else labels.choose("否", "no")
    return f"{labels.fact(name)}{labels.choose('：', ': ')}{answer}"


def _constant(value: bool | int | str, name: str | None, labels: Labels) -> str:
    if isinstance(value, bool):
        return labels.choose("是", "yes") if value else labels.choose("否", "no")
    if isinstance(value, int):
        return labels.figure(name, value)
    if value == "":
        return labels.choose("空", "empty")
    return labels.word(name, value) if name is not None else value
