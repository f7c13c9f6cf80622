"""What is evaluated without CEL means what CEL means."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.guide.conftest import GUIDES

from guide import Pack, load_pack
from guide.case import Case, Runtime
from guide.cases import build_case
from guide.expressions import Programs
from guide.words import Stage

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "qz-2020.json").read_text())
FACTS = {
    "x.n": "int", "x.m": "money", "x.flag": "bool", "x.word": "text", "x.day": "date", "x.at": "instant",
    "x.list": "list<ref>", "x.unit": "ref<org>", "x.words": "list<text>",
}  # fmt: skip
PROGRAMS = Programs(FACTS, ZoneInfo("Asia/Shanghai"))


def case_of(values: dict[str, Any]) -> Case:
    return Case(Runtime(PROGRAMS, {}, {}), Stage.submission, values)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("x.flag", True),
        ("x.n>=-3", True),
        ("x.n < x.m", True),
        ('x.word == "a b" || !x.flag', True),
        ('(x.flag || x.n > 3) && x.word in ["a", "b"]', True),
        ("add_years(x.day, 1) >= x.day", True),
        ("zone_date(x.at)", True),
        ("norm_equal(item.name, x.word)", True),
        ('x.unit.region == "330802"', True),
        ("within(x.unit.region, x.word)", True),
        ("has(x.unit.region)", True),
        ("x.n + 1 >= 3", True),
        ("(x.n + 1) / 2 - 3 * x.m", True),
        ("size(x.list) > 1", True),
        ('"a" in x.words', True),
        ('x.word.startsWith(x.day + "/")', True),
        ('x.word.matches("^[BCD]")', True),
        ('settled["a.b"] == "c"', True),
        ("as_of < timestamp(reading)", True),
        ('x.at < timestamp(settled["a.b"])', True),
        ("x.n -1 >= 3", False),
        ("x.at - as_of > as_of - x.at", False),
        ("x.list in [[]]", False),
        ("x.word in x.list", False),
        ('x.word.matches("^[^a]")', False),
        ("size(x.word) > 1", False),
        ('x.word == "a\\n"', False),
        ("x.word == 'a'", False),
        ("x.word in [x.day]", False),
        ("x.word.size() > 3", False),
        ("x.flag ? x.n > 1 : x.m > 1", False),
        ("x.at < timestamp(x.word)", False),
        ("x.list.exists(one, one.id == x.word)", False),
        ("x.list == []", False),
    ],
)
def test_what_needs_no_cel(text: str, short: bool) -> None:
    program = PROGRAMS[text]
    assert (program.value != program.value_in_cel) is short


numbers = st.sampled_from(
    [
        *("x.n", "x.m", "3", "0", "-3", "days_between(x.day, item.day)", "size(x.words)", "x.n - 3"),
        *("x.n / 2", "(x.m + 1) / x.n", "2 * x.n - 3 * x.m", "x.m * x.m", "x.m * x.m * x.m"),
    ]
)
words = st.sampled_from(
    [
        *("x.word", "x.day", "item.day", "x.unit.region", '"b"', '"é"', "add_years(x.day, 1)"),
        *("zone_date(x.at)", 'x.word + "/"', 'settled["a.b"]'),
    ]
)
instants = st.sampled_from(["x.at", "as_of", "timestamp(reading)", 'timestamp(settled["a.b"])'])
tests = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
leaves = st.one_of(
    st.sampled_from(["x.flag", "true", "false", "norm_equal(x.word, item.name)", 'within(x.word, "330800")']),
    st.sampled_from(["x.word in x.words", '"a" in x.words', "has(x.unit.region)", "has(item.day)"]),
    st.sampled_from(
        ['x.word.startsWith("a")', "item.day.endsWith(x.word)", 'x.word.matches("^(a|33)|[02]$")']
    ),
    st.sampled_from(['x.word in ["a", "b"]', 'item.name in ["330802"]', "x.flag == false"]),
    *(st.tuples(kind, tests, kind).map(" ".join) for kind in (numbers, words, instants)),
)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map("!({})".format),
        st.tuples(inner, st.sampled_from([" && ", " || "]), inner).map("".join),
        inner.map("({})".format),
    ),
    max_leaves=5,
)
days = st.sampled_from(["2020-02-29", "2020-06-28", "2019-12-31"])
texts = st.sampled_from(["a", "b", "é", "330802", "330800", "B ", "330802\n"])
moments = st.sampled_from(
    ["2020-06-28T17:00:00+08:00", "2020-06-28T09:00:00Z", "2020-06-28T09:00:00.000001Z"]
)
values = st.fixed_dictionaries(
    {},
    optional={
        "x.n": st.integers(-3, 4),
        "x.m": st.sampled_from([0, 3, 10**15]),
        "x.flag": st.booleans(),
        "x.word": texts,
        "x.day": days,
        "x.at": moments.map(datetime.fromisoformat),
        "as_of": moments.map(datetime.fromisoformat),
        "item": st.fixed_dictionaries({}, optional={"day": days, "name": texts}),
        "x.unit": st.fixed_dictionaries({"id": texts}, optional={"region": texts}),
        "x.words": st.lists(texts, max_size=3),
        "reading": moments,
        "settled": st.fixed_dictionaries({}, optional={"a.b": st.one_of(texts, moments)}),
    },
)


@settings(max_examples=400, deadline=None, database=None)
@given(expressions, st.lists(values, min_size=1, max_size=4))
def test_the_same_value_as_cel(text: str, cases: list[dict[str, Any]]) -> None:
    program = PROGRAMS[text]
    assert program.value != program.value_in_cel
    for one in cases:
        case = case_of(one)
        assert program.value(case) is program.value_in_cel(case), (text, one)


ODD = [
    {"item": "a text"},
    {"item": {"a": {"b": 1}, "b": {"b": 2}}},
    {"item": {"a": {"b": 1}, "b": {"b": 1}}},
    {"item": {"a": "a", "b": True}},
    {"item": {"a": True, "b": "b"}},
    {"item": {"a": False, "b": "b"}},
    {"item": {"a": 1, "b": 0}},
    {"item": {"a": ["x"], "b": ["y"]}},
]
"""Elements of lists and keys of records are of any type before CEL looks at them."""


@pytest.mark.parametrize("values", ODD, ids=str)
@pytest.mark.parametrize(
    "text",
    [
        *('item.a == "x"', "item.a == item.b", "item.a < item.b", "item.a >= item.b", "has(item.a)"),
        *("item.a && item.b", "item.a || item.b", "item.b && item.a", "!item.a", "!(item.a && item.b)"),
        *('item.a in ["x"]', "item.a in x.words", "item.a != item.b", 'item.b.startsWith("b")'),
    ],
)
def test_odd_values_are_what_they_are_to_cel(text: str, values: dict[str, Any]) -> None:
    program, case = PROGRAMS[text], case_of({"x.words": ["a", "b"], **values})
    assert program.value != program.value_in_cel
    assert program.value(case) is program.value_in_cel(case)


@pytest.mark.parametrize("absent", [None, ""])
@pytest.mark.parametrize("text", ['lead.org.type == "enterprise"', "has(lead.org.type)"])
def test_a_null_key_of_a_reference_is_missing(text: str, absent: str | None) -> None:
    pack = load_pack((GUIDES / "gl-2019.yaml").read_bytes())
    facts = {"lead": {"org": {"id": "91450300TEST000017", "type": absent}}}
    case = build_case(pack, "gl19-16-sdg-zone", Stage.submission, None, facts)
    program = pack.runtime.programs[text]
    assert program.value(case) is program.value_in_cel(case)
    assert program.value(case) is (False if text.startswith("has") else None)


@pytest.mark.parametrize(
    "text", ["zone_date(x.at)", "add_years(x.day, 20)", "days_between(x.day, x.day)", "x.n"]
)
def test_the_same_plain_value_as_cel(text: str) -> None:
    moment = datetime.fromisoformat("2020-06-28T17:00:00Z")
    for one in ({"x.at": moment, "x.day": "2020-02-29", "x.n": 3}, {"x.day": "no day"}, {}):
        case = case_of(one)
        assert PROGRAMS[text].value(case) == PROGRAMS[text].value_in_cel(case)


def test_the_same_value_on_every_golden_case(qz: Pack) -> None:
    short = [one for one in qz.runtime.programs.values() if one.value != one.value_in_cel]
    assert len(short) > 60
    for sent in CASES:
        if "kind" not in sent:
            as_of = datetime.fromisoformat(sent["as_of"])
            case = build_case(qz, sent["category"], Stage(sent["stage"]), as_of, sent["facts"])
            for program in short:
                assert program.value(case) == program.value_in_cel(case), (sent["id"], program.text)
