"""Rules in words: a person who never saw an expression can check them, in both languages."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from tests.guide.conftest import every_pack

from guide import Lang, Pack
from guide.constructs.node import Node
from guide.reading import Labels, read_condition, say

Small = Callable[..., Pack]
Packs = Mapping[str, Pack]


def expressions(pack: Pack) -> Iterator[str]:
    for rule in pack.rules.values():
        for node in (rule.guard, rule.require):
            for _, part in node.walk() if node is not None else ():
                yield from (text for _, text in part.conditions())
                yield from (text for _, text, _ in part.terms())
        yield from (one.when for one in rule.remedies if one.when is not None)
    yield from (route.when for route in pack.document.routing.routes if route.when)
    yield from (one.condition for one in pack.document.materials if one.condition)
    for group in (*pack.document.forms, *pack.document.profile):
        yield from (field.condition for field in group.fields if field.condition)


@every_pack
@pytest.mark.parametrize("lang", Lang)
def test_every_expression_of_the_packs_can_be_said(packs: Packs, name: str, lang: Lang) -> None:
    labels = Labels(packs[name], lang)
    unsaid = {text for text in expressions(packs[name]) if say(text, labels) is None}
    assert unsaid == set()


@every_pack
def test_no_name_of_a_fact_is_left_in_the_words(packs: Packs, name: str) -> None:
    pack = packs[name]
    for lang in Lang:
        labels = Labels(pack, lang)
        said = {text: str(say(text, labels)) for text in expressions(pack)}
        dotted = [fact for fact in pack.facts if "." in fact]
        assert [(text, words) for text, words in said.items() if any(one in words for one in dotted)] == []


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("x.m >= 3000000", "款 ≥ 3,000,000 元", "money ≥ 3,000,000 yuan"),
        ("3000000 <= x.m", "款 ≥ 3,000,000 元", "money ≥ 3,000,000 yuan"),
        ("2 * x.m >= x.m + 1", "2 × 款 ≥ 款 + 1 元", "2 × money ≥ money + 1 yuan"),
        ("x.m * 2 >= 10000", "款 × 2 ≥ 10,000", "money × 2 ≥ 10,000"),
        ("x.n == 2031", "数 = 2031", "number = 2031"),
        ("x.flag", "旗：是", "flag: yes"),
        ("!x.flag", "旗：否", "flag: no"),
        ("x.flag == false", "旗：否", "flag: no"),
        ("x.flag != false", "旗：是", "flag: yes"),
        ('x.letter == "a"', "字为a", "letter is a"),
        ('x.letter != "a"', "字不为a", "letter is not a"),
        ('x.letter in ["a", "b"]', "字为下列之一：a、b", "letter is one of: a, b"),
        ('!(x.letter in ["a"])', "并非（字为下列之一：a）", "not (letter is one of: a)"),
        (
            "x.flag && x.n > 1 || x.ok",
            "（旗：是，且数 > 1），或认定：是",
            "(flag: yes and number > 1) or reviewer: yes",
        ),
        ('x.day <= add_years("2030-02-28", 1)', "日 ≤ 2030-02-28后推1年", "day ≤ 1 year after 2030-02-28"),
        ("x.day >= add_years(today, -3)", "日 ≥ 判断当日前推3年", "day ≥ 3 years before the day asked about"),
        ("year(x.day) == 2030", "日的年份 = 2030", "the year of day = 2030"),
        ("(x.n + 1) / 2 - x.n", "（数 + 1） ÷ 2 − 数", "(number + 1) ÷ 2 − number"),
        (
            'x.n - (settled["xx.open"] == "true" ? 1 : 2)',
            "数 − （口径“文”取“文”则1，否则2）",
            "number − (1 if the question “text” is settled as “text”, else 2)",
        ),
        ("size(x.names) >= 2", "名的数量 ≥ 2", "the number of names ≥ 2"),
        ('"b" in x.names', "名包含b", "names contains b"),
        ('settled["xx.open"] == "true"', "口径“文”取“文”", "the question “text” is settled as “text”"),
        ('x.list.all(one, one.kind == "a")', "表每一项都满足：类型为a", "each of list: kind is a"),
    ],
)
def test_words(small: Small, text: str, zh: str, en: str) -> None:
    pack = small("true")
    assert say(text, Labels(pack, Lang.zh)) == zh
    assert say(text, Labels(pack, Lang.en)) == en


def test_what_is_not_understood_is_left_as_it_is(small: Small) -> None:
    pack = small('x.names.map(one, one + "x").size() > 0')
    labels = Labels(pack, Lang.en)
    assert say("x.names.map(one, one).size() > 0", labels) is None
    line = read_condition(pack.rules["XX-1"].require, labels)
    assert line.text == line.expression == 'x.names.map(one, one + "x").size() > 0'


def requirement(pack: Pack) -> Node:
    return pack.rules["XX-1"].require


DATED = {
    "with_reading": {
        "interpretation": "xx.set",
        "fact": "x.as_of",
        "values": {"one": ["x.day", "today"], "two": ["today"]},
        "then": "x.as_of > '2030'",
    }
}


@pytest.mark.parametrize(
    ("require", "lines"),
    [
        ({"all": ["x.flag", "x.n > 1"]}, ["all of these", "  flag: yes", "  number > 1"]),
        ({"all": ["x.flag"]}, ["flag: yes"]),
        ({"any": ["x.flag", "fail"]}, ["one of these", "  flag: yes", "  → fail"]),
        ({"downgrade": "x.flag"}, ["a fail is for a person to judge", "  flag: yes"]),
        (
            {"only_if": {"condition": "x.flag", "then": "pass"}},
            ["a conditional requirement", "  only if", "    flag: yes", "  then → pass"],
        ),
        (
            {"by_stage": {"declared": "pass", "result": "x.flag"}},
            ["by stage", "  up to approval → pass", "  at acceptance", "    flag: yes"],
        ),
        (
            {"present": "x.file", "otherwise": "manual"},
            ["there must be: file", "  where it is missing → manual"],
        ),
        ({"asked": "x.n"}, ["asked for: number"]),
        (
            {"decision": {"fact": "x.ok", "good": False, "on": ["x.file"]}},
            ["for a person to decide: reviewer; “no” meets it", "  on the basis of: file"],
        ),
        (
            {"soft": {"condition": "x.flag", "reason": "x.file", "decision": "x.word", "granted": "a"}},
            [
                "in principle",
                "  flag: yes",
                "  below it file is asked for and a person gives word; “a” admits it",
            ],
        ),
        (
            {"table": {"fact": "x.letter", "cases": {"a": "x.flag"}, "otherwise": "fail"}},
            ["by letter", "  a", "    flag: yes", "  otherwise → fail"],
        ),
        (
            {"first_match": {"cases": [{"when": "x.flag", "then": "pass"}], "otherwise": "fail"}},
            ["in order, the first case that holds", "  if flag: yes → pass", "  otherwise → fail"],
        ),
        (
            {"readings": {"interpretation": "xx.open", "cases": {"true": "pass", "false": "x.flag"}}},
            ["by the reading of: text", "  text → pass", "  text", "    flag: yes"],
        ),
        (
            DATED,
            [
                "as-of date, by the reading (text)",
                "  text: day; where missing the day asked about",
                "  text: the day asked about",
                "  with it",
                "    as-of date > 2030",
            ],
        ),
        (
            {"exists": {"list": "x.list", "where": 'item.kind == "a"', "empty": "fail"}},
            ["at least one of list", "  kind is a", "  with none at all → fail"],
        ),
        (
            {"forall": {"list": "x.list", "where": "pass", "empty": "pass"}},
            ["each of list", "  → pass", "  with none at all → pass"],
        ),
        (
            {"count": {"list": "x.list", "where": "pass", "op": ">=", "n": 2, "distinct": "id"}},
            ["at least 2 of list (one for each list·identity)", "  → pass"],
        ),
        ({"absent": {"names": ["x.names"], "texts": "x.texts"}}, ["texts must not contain: names"]),
    ],
)
def test_constructs(small: Small, require: Any, lines: list[str]) -> None:
    pack = small(require)
    assert read_condition(requirement(pack), Labels(pack, Lang.en)).as_text().splitlines() == lines


def test_words_of_a_pack_are_no_pattern(small: Small) -> None:
    hostile = {
        "name": "x.odd", "type": "list<text>", "owner": "app", "extension": True,
        "label_zh": "{0.__class__}", "label_en": "{} {nothing}",
    }  # fmt: skip
    pack = small({"absent": {"names": ["x.odd"], "texts": "x.texts"}}, facts=[hostile])
    assert "{} {nothing}" in read_condition(requirement(pack), Labels(pack, Lang.en)).text
    assert "{0.__class__}" in str(say("size(x.odd) > 1", Labels(pack, Lang.zh)))
