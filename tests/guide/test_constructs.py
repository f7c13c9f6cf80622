"""Truth tables of the constructs, each on a pack with one rule."""

from collections.abc import Callable
from typing import Any

import pytest

from guide import Finding, Pack, evaluate, nest

FILE = {"sha256": "0" * 64, "at": "2030-01-01T00:00:00Z"}
OUTCOMES = ("pass", "fail", "unknown", "manual", "not_applicable")
Small = Callable[..., Pack]


def judge(pack: Pack, facts: dict[str, Any] | None = None, **how: Any) -> Finding:
    how = {"stage": "submission", "as_of": "2030-05-01T12:00:00+08:00"} | how
    return evaluate(pack, category="cat", facts=nest(facts or {}), **how).findings[0]


def first_of(order: list[str], parts: tuple[str, ...]) -> str:
    counted = [part for part in parts if part != "not_applicable"]
    return next((one for one in order if one in counted), "not_applicable")


@pytest.mark.parametrize("left", OUTCOMES)
@pytest.mark.parametrize("right", OUTCOMES)
def test_all_and_any(small: Small, left: str, right: str) -> None:
    every = judge(small({"all": [left, right]})).outcome
    assert every == first_of(["fail", "unknown", "manual", "pass"], (left, right))
    some = judge(small({"any": [left, right]})).outcome
    assert some == first_of(["pass", "unknown", "manual", "fail"], (left, right))


@pytest.mark.parametrize("part", OUTCOMES)
def test_downgrade(small: Small, part: str) -> None:
    assert judge(small({"downgrade": part})).outcome == {"fail": "manual"}.get(part, part)


@pytest.mark.parametrize(
    ("guard", "outcome"),
    [("true", "fail"), ("false", "not_applicable"), ("x.flag", "unknown"), ("x.ok", "manual")],
)
def test_guard(small: Small, guard: str, outcome: str) -> None:
    assert judge(small("fail", guard=guard)).outcome == outcome


@pytest.mark.parametrize(
    ("facts", "outcome", "missing"),
    [
        ({"x.n": 3}, "pass", ()),
        ({"x.n": 2}, "fail", ()),
        ({}, "unknown", ("x.n",)),
        ({"x.n": None}, "unknown", ("x.n",)),
    ],
)
def test_leaf(small: Small, facts: dict[str, Any], outcome: str, missing: tuple[str, ...]) -> None:
    finding = judge(small("x.n >= 3"), facts)
    assert (finding.outcome, finding.missing) == (outcome, missing)


def test_leaf_decides_where_the_missing_fact_cannot_matter(small: Small) -> None:
    assert judge(small("x.n >= 3 || x.flag"), {"x.flag": True}).outcome == "pass"
    assert judge(small("x.n >= 3 && x.flag"), {"x.flag": False}).outcome == "fail"


def test_reviewers_leaf_is_manual_unless_the_owner_is_away(small: Small) -> None:
    pack = small("x.ok")
    assert judge(pack).outcome == "manual"
    away = judge(pack, {"x.ok": True}, unavailable=["x.*"])
    assert (away.outcome, away.facts_used[0].source) == ("unknown", "unavailable")
    assert judge(small("x.ok && x.flag")).outcome == "unknown"


def test_present(small: Small) -> None:
    pack = small({"present": "x.file"})
    assert judge(pack, {"x.file": FILE}).outcome == "pass"
    assert judge(pack).outcome == "unknown"


def test_present_when_it_was_looked_up_and_is_not_there(small: Small) -> None:
    found_none = {"x.reg": "none"}
    facts = [
        {"name": "x.reg", "type": "text", "owner": "reg", "label_zh": "号", "label_en": "number",
         "extension": True},
    ]  # fmt: skip
    pack = small({"present": "x.reg"}, facts=facts)
    assert judge(pack, {"x.reg": "7"}).outcome == "pass"
    assert judge(pack, found_none).outcome == "fail"
    otherwise = small({"present": "x.reg", "otherwise": "manual"}, facts=facts)
    assert judge(otherwise, found_none).outcome == "manual"


def test_a_key_that_one_record_lacks_is_missing(small: Small) -> None:
    facts = [
        {"name": "x.unit", "type": "ref<org>", "owner": "app", "label_zh": "单位", "label_en": "unit",
         "extension": True},
    ]  # fmt: skip
    pack = small('x.unit.region == "990100"', facts=facts)
    assert judge(pack, {"x.unit": {"id": "u", "region": "990100"}}).outcome == "pass"
    assert judge(pack, {"x.unit": {"id": "u", "region": "990200"}}).outcome == "fail"
    open_one = judge(pack, {"x.unit": {"id": "u"}})
    assert (open_one.outcome, open_one.missing) == ("unknown", ("x.unit",))


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"x.ok": True}, "pass"),
        ({"x.ok": False}, "fail"),
        ({"x.n": 1}, "manual"),
        ({}, "unknown"),
    ],
)
def test_decision(small: Small, facts: dict[str, Any], outcome: str) -> None:
    assert judge(small({"decision": {"fact": "x.ok", "on": ["x.n"]}}), facts).outcome == outcome


def test_decision_whose_true_is_bad(small: Small) -> None:
    pack = small({"decision": {"fact": "x.ok", "good": False}})
    assert [judge(pack, {"x.ok": v}).outcome for v in (True, False, None)] == ["fail", "pass", "manual"]


def test_decision_over_another_part(small: Small) -> None:
    pack = small({"decision": {"fact": "x.ok", "otherwise": "x.n > 0"}})
    assert judge(pack, {"x.ok": True, "x.n": 0}).outcome == "pass"
    assert judge(pack, {"x.n": 0}).outcome == "fail"
    assert judge(pack, {"x.ok": True, "x.n": 1}, unavailable=["x.ok"]).outcome == "unknown"


def test_table(small: Small) -> None:
    table = {"fact": "x.letter", "cases": {"a": "pass", "b": "x.n > 0"}, "otherwise": "fail"}
    pack = small({"table": table})
    facts: list[dict[str, Any]] = [{"x.letter": "a"}, {"x.letter": "b"}, {"x.letter": "c"}, {}]
    assert [judge(pack, one).outcome for one in facts] == ["pass", "unknown", "fail", "unknown"]
    assert judge(small({"table": table | {"fact": "x.word"}})).outcome == "manual"


def test_first_match(small: Small) -> None:
    cases = [{"when": "x.flag", "then": "pass"}, {"when": "x.n > 3", "then": "manual"}]
    pack = small({"first_match": {"cases": cases, "otherwise": "pass"}})
    assert judge(pack, {"x.flag": True}).outcome == "pass"
    assert judge(pack, {"x.flag": False, "x.n": 4}).outcome == "manual"
    assert judge(pack, {"x.flag": False, "x.n": 3}).outcome == "pass"
    assert judge(pack, {"x.n": 3}).outcome == "pass", "both answers that can still come agree"
    open_case = judge(pack, {"x.n": 4})
    assert (open_case.outcome, open_case.missing) == ("unknown", ("x.flag",))


OPEN = {"readings": {"interpretation": "xx.open", "cases": {"true": "x.n > 1", "false": "x.n > 5"}}}


@pytest.mark.parametrize(("n", "outcome"), [(0, "fail"), (3, "manual"), (6, "pass"), (None, "unknown")])
def test_unconfirmed_readings(small: Small, n: int | None, outcome: str) -> None:
    finding = judge(small(OPEN), {"x.n": n})
    assert finding.outcome == outcome
    assert finding.interpretation is not None
    assert (finding.interpretation.id, finding.interpretation.value) == ("xx.open", None)


def test_confirmed_reading(small: Small) -> None:
    finding = judge(small(OPEN), {"x.n": 3}, interpretations={"xx.open": True})
    assert finding.outcome == "pass"
    assert finding.interpretation is not None
    assert finding.interpretation.confirmed


def test_manual_reading_names_the_readings(small: Small) -> None:
    message = judge(small(OPEN), {"x.n": 3}, lang="en").message
    assert message.endswith("; not settled: text (text: pass; text: fail)")


def test_a_reading_that_applies_by_default(small: Small) -> None:
    pack = small({"readings": {"interpretation": "xx.set", "cases": {"one": "pass", "two": "fail"}}})
    assert judge(pack).outcome == "pass"
    assert judge(pack, interpretations={"xx.set": "two"}).outcome == "fail"
    assert judge(pack, interpretations={"xx.set": None}).outcome == "pass"


def test_an_open_date_is_manual_only_when_the_facts_are_there(small: Small) -> None:
    pack = small({"readings": {"interpretation": "xx.date", "open": "x.day >= reading"}})
    assert judge(pack).outcome == "unknown"
    assert judge(pack, {"x.day": "2030-01-02"}).outcome == "manual"
    assert judge(pack, {"x.day": "2030-01-02"}, interpretations={"xx.date": "2030-01-03"}).outcome == "fail"


def test_with_reading(small: Small) -> None:
    values = {"one": ["zone_date(x.at)", "today"], "two": ["'2030-12-31'"]}
    body = {"interpretation": "xx.set", "fact": "x.as_of", "values": values, "then": "x.day >= x.as_of"}
    pack = small({"with_reading": body})
    facts = {"x.day": "2030-05-01"}
    assert judge(pack, facts).outcome == "pass", "the day asked about, without the instant"
    late = facts | {"x.at": "2030-05-01T16:00:00Z"}
    assert judge(pack, late).outcome == "fail", "2 May in the call's zone"
    assert judge(pack, late, unavailable=["x.at"]).outcome == "unknown"
    assert judge(pack, facts, interpretations={"xx.set": "two"}).outcome == "fail"


def test_a_day_that_the_guide_leaves_open_is_for_a_person_to_name(small: Small) -> None:
    body = {"interpretation": "xx.date", "fact": "x.as_of", "values": {}, "then": "x.day >= x.as_of"}
    pack = small({"with_reading": body})
    facts = {"x.day": "2030-05-01"}
    assert judge(pack).outcome == "unknown"
    assert judge(pack).missing == ("x.day",)
    open_day = judge(pack, facts)
    assert (open_day.outcome, open_day.missing) == ("manual", ())
    assert open_day.interpretation is not None
    assert open_day.interpretation.id == "xx.date"
    assert open_day.message == "需人工判断：条；文，尚未确认"
    assert judge(pack, facts, interpretations={"xx.date": "2030-05-01"}).outcome == "pass"
    assert judge(pack, facts, interpretations={"xx.date": "2030-05-02"}).outcome == "fail"
    assert judge(pack, facts, unavailable=["x.day"]).outcome == "unknown"


def test_a_day_inside_which_records_are_counted(small: Small) -> None:
    where = {"all": ["x.as_of <= '2030-12-31'", {"present": "x.list[].id"}]}
    then = {"count": {"list": "x.list", "where": where, "op": ">=", "n": 1}}
    pack = small(
        {"with_reading": {"interpretation": "xx.date", "fact": "x.as_of", "values": {}, "then": then}}
    )
    assert judge(pack).missing == ("x.list",), "the list, not a key of its records"
    assert judge(pack, {"x.list": [{}]}).outcome == "manual"


def test_the_reading_that_is_named_is_the_one_that_decides(small: Small) -> None:
    by_set = {"readings": {"interpretation": "xx.open", "cases": {"true": "pass", "false": "pass"}}}
    body = {"interpretation": "xx.date", "fact": "x.as_of", "values": {}, "then": by_set}
    finding = judge(small({"all": [by_set, {"with_reading": body}]}))
    assert finding.interpretation is not None
    assert finding.interpretation.id == "xx.date", "both readings of the other one agree"
    assert "xx.open" not in finding.message


def test_by_stage(small: Small) -> None:
    pack = small({"by_stage": {"declared": {"downgrade": "x.n >= 5"}, "result": "x.m >= 5"}})
    assert judge(pack, {"x.n": 4}).outcome == "manual"
    assert judge(pack, {"x.n": 5}, stage="approval").outcome == "pass"
    assert judge(pack, {"x.n": 5, "x.m": 4}, stage="acceptance").outcome == "fail"
    assert judge(pack, {"x.n": 5}, stage="acceptance").outcome == "unknown"


A, B, NONE = {"id": "1", "kind": "a"}, {"id": "2", "kind": "b"}, {"id": "3"}
WHERE = {"list": "x.list", "where": "item.kind == 'a'", "empty": "fail"}


@pytest.mark.parametrize(
    ("items", "some", "every"),
    [
        ([A, A], "pass", "pass"),
        ([A, B], "pass", "fail"),
        ([A, NONE], "pass", "unknown"),
        ([B, NONE], "unknown", "fail"),
        ([B, B], "fail", "fail"),
        ([], "fail", "fail"),
        (None, "unknown", "unknown"),
    ],
)
def test_exists_and_forall(small: Small, items: Any, some: str, every: str) -> None:
    assert judge(small({"exists": WHERE}), {"x.list": items}).outcome == some
    assert judge(small({"forall": WHERE}), {"x.list": items}).outcome == every


def test_a_key_missing_in_one_element_is_named(small: Small) -> None:
    finding = judge(small({"forall": WHERE}), {"x.list": [A, NONE]})
    assert finding.missing == ("x.list[].kind",)
    assert finding.message.endswith("表的kind")  # an extension has no label for a key


@pytest.mark.parametrize(
    ("items", "at_least", "at_most"),
    [
        ([A, A], "pass", "fail"),
        ([A, B], "fail", "pass"),
        ([A, A, NONE], "pass", "fail"),
        ([A, NONE], "unknown", "unknown"),
        ([B, NONE], "fail", "pass"),
        ([], "fail", "pass"),
        (None, "unknown", "unknown"),
    ],
)
def test_count_keeps_an_interval(small: Small, items: Any, at_least: str, at_most: str) -> None:
    body = {"list": "x.list", "where": "item.kind == 'a'"}
    assert judge(small({"count": body | {"op": ">=", "n": 2}}), {"x.list": items}).outcome == at_least
    assert judge(small({"count": body | {"op": "<=", "n": 1}}), {"x.list": items}).outcome == at_most


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"x.names": ["青石 材料"], "x.texts": ["由青石材 料公司"]}, "fail"),
        ({"x.names": ["Ａbc"], "x.texts": ["the ABC plant"]}, "fail"),
        ({"x.names": ["青石"], "x.texts": []}, "pass"),
        ({"x.names": [], "x.texts": ["青石"]}, "pass"),
        ({"x.names": ["", " "], "x.texts": ["青石"]}, "pass"),
        ({"x.names": ["青石"]}, "unknown"),
        ({"x.texts": ["青石"]}, "unknown"),
    ],
)
def test_absent(small: Small, facts: dict[str, Any], outcome: str) -> None:
    assert judge(small({"absent": {"names": ["x.names"], "texts": "x.texts"}}), facts).outcome == outcome


def test_absent_says_where(small: Small) -> None:
    finding = judge(
        small({"absent": {"names": ["x.names"], "texts": "x.texts"}}),
        {"x.names": ["青石"], "x.texts": ["本项目由青石公司承担"]},
        lang="en",
    )
    assert '"青石" occurs in "本项目由青石公司承担" (two-character name, to confirm)' in finding.message


def test_effect_by_case_and_from_stage(small: Small) -> None:
    effect = {"cases": [{"when": "x.n < 0", "effect": "blocks_submission"}], "otherwise": "obligation"}
    pack = small("x.n > 5", effect=effect, from_stage="approval")
    assert judge(pack, {"x.n": 1}).outcome == "not_applicable"
    finding = judge(pack, {"x.n": 1}, stage="approval")
    assert (finding.outcome, finding.effect) == ("fail", "obligation")


def test_remedy_with_distance_in_both_languages(small: Small) -> None:
    remedy = {
        "zh": "自筹资金还差 {gap}",
        "en": "own funds fall short by {gap}",
        "gap": {"fact": "x.m", "value": "500000 - x.m", "unit": "yuan"},
    }
    pack = small("x.m >= 500000", remedies=[remedy])
    finding = judge(pack, {"x.m": 380000})
    assert finding.remedy == "自筹资金还差 120,000 元"
    assert finding.gap == {"fact": "x.m", "value": 120000, "unit": "yuan"}
    assert judge(pack, {"x.m": 380000}, lang="en").remedy == "own funds fall short by 120,000 yuan"
    assert judge(pack, {"x.m": 500000}).remedy is None
