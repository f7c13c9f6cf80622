"""Truth tables of totals over records, soft clauses, tiers, shared parts; the functions that they call."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from guide import Finding, Pack, PackRefused, evaluate, load_pack, nest
from guide.functions import age_at, at_least, foreign, short_of

FILE = {"sha256": "0" * 64, "at": "2030-01-01T00:00:00Z"}
Small = Callable[..., Pack]
TOTALS: list[dict[str, Any]] = [
    {
        "name": "x.works", "type": "list<record>", "owner": "app", "extension": True,
        "label_zh": "项目", "label_en": "works",
        "record": [
            {"key": "id", "type": "text"}, {"key": "sum", "type": "money"}, {"key": "proof", "type": "file"},
            {"key": "kind", "type": "enum", "enum": "letter"}, {"key": "seen", "type": "bool"},
        ],
    },
    {
        "name": "x.area", "type": "decimal", "owner": "app", "extension": True,
        "label_zh": "面积", "label_en": "area",
    },
    {
        "name": "project.tier", "type": "enum", "enum": "tiers", "owner": "app",
        "label_zh": "档", "label_en": "tier",
    },
    {
        "name": "category.funding_range", "type": "record", "owner": "call",
        "label_zh": "资助金额", "label_en": "funding",
    },
    {"name": "signed_list.grant", "type": "money", "owner": "call", "label_zh": "额", "label_en": "grant"},
]  # fmt: skip


@pytest.fixture
def wide(small_data: dict[str, Any]) -> Callable[..., Pack]:
    """A pack with the facts above and one rule."""

    def build(require: Any, *more: dict[str, Any], **changes: Any) -> Pack:
        data = copy.deepcopy(small_data)
        data["facts"] = [fact for fact in data["facts"] if fact["name"] != "x.as_of"] + TOTALS
        data["enumerations"].append(
            {"id": "tiers", "tokens": [{"token": t, "zh": t, "en": t} for t in ("general", "key", "major")]}
        )
        data["given"] = {"signed_list.grant": 50000}
        data["categories"][0]["funding"] = changes.pop("funding", [{"tier": None, "min": 100, "max": None}])
        rule = {**data["rules"][0], "require": require, **changes.pop("rule", {})}
        data["rules"] = [rule, *({**data["rules"][0], **one} for one in more)]
        return load_pack(json.dumps({**data, **changes}, ensure_ascii=False))

    return build


def judge(pack: Pack, facts: dict[str, Any] | None = None, **how: Any) -> Finding:
    how = {"stage": "submission", "as_of": "2030-05-01T12:00:00+08:00"} | how
    return evaluate(pack, category="cat", facts=nest(facts or {}), **how).findings[0]


def works(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"x.works": list(rows)}


A, B, NONE = {"id": "1", "sum": 60, "kind": "a"}, {"id": "2", "sum": 50, "kind": "b"}, {"id": "3", "sum": 40}


@pytest.mark.parametrize(
    ("rows", "at_least_100", "at_most_100"),
    [
        ([A, A], "pass", "fail"),
        ([A, B], "fail", "pass"),
        ([A, NONE], "unknown", "pass"),
        ([A, B, {"id": "4", "kind": "a"}], "unknown", "unknown"),
        ([A, A, {"id": "4", "kind": "a"}], "pass", "fail"),
        ([], "fail", "pass"),
        (None, "unknown", "unknown"),
    ],
)
def test_sum_keeps_an_interval(wide: Small, rows: Any, at_least_100: str, at_most_100: str) -> None:
    body = {"list": "x.works", "where": "item.kind == 'a'", "of": "sum", "n": 100}
    for op, outcome in ((">=", at_least_100), ("<=", at_most_100)):
        assert judge(wide({"sum": body | {"op": op}}), {"x.works": rows}).outcome == outcome


def test_a_sum_tells_what_it_lacks(wide: Small) -> None:
    body = {"list": "x.works", "where": "item.kind == 'a'", "of": "sum", "op": ">=", "n": "x.n"}
    remedy = {
        "zh": "还差 {gap}",
        "en": "{gap} short",
        "gap": {"fact": "x.works", "value": "x.n - total", "unit": "yuan"},
    }
    finding = judge(wide({"sum": body}, rule={"remedies": [remedy]}), works(A, B) | {"x.n": 100})
    assert (finding.outcome, finding.gap) == ("fail", {"fact": "x.works", "value": 40, "unit": "yuan"})
    open_bound = judge(wide({"sum": body}), works(A))
    assert (open_bound.outcome, open_bound.missing) == ("unknown", ("x.n",))


def test_remedies_tell_the_bounds_of_one_rule_apart(wide: Small) -> None:
    where = {"list": "x.works", "where": "item.kind == 'a'", "op": ">="}
    parts = [{"count": where | {"n": 2}}, {"sum": where | {"of": "sum", "n": 150}}]

    def gap(unit: str) -> dict[str, Any]:
        return {"fact": "x.works", "value": "wanted - total", "unit": unit}

    remedies = [
        {"when": "wanted == 2", "zh": "还差 {gap}", "en": "{gap} short", "gap": gap("projects")},
        {"zh": "还差 {gap}", "en": "{gap} short", "gap": gap("yuan")},
    ]
    pack = wide({"all": parts}, rule={"remedies": remedies})
    assert judge(pack, works(A)).gap == {"fact": "x.works", "value": 1, "unit": "projects"}
    assert judge(pack, works(A, A)).gap == {"fact": "x.works", "value": 30, "unit": "yuan"}


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([A, A], "fail"),
        ([A, A | {"id": "9"}], "pass"),
        ([A, {"kind": "a"}], "unknown"),
        ([A, {"id": "1"}], "fail"),
        ([A, {"id": "7"}], "unknown"),
    ],
)
def test_count_of_different_ones(wide: Small, rows: Any, outcome: str) -> None:
    body = {"list": "x.works", "where": "item.kind == 'a'", "distinct": "id", "op": ">=", "n": 2}
    assert judge(wide({"count": body}), works(*rows)).outcome == outcome


def test_a_record_has_evidence_and_decisions_of_its_own(wide: Small) -> None:
    where = {"all": [{"present": "x.works[].proof"}, {"decision": {"fact": "x.works[].seen"}}]}
    pack = wide({"exists": {"list": "x.works", "where": where, "empty": "fail"}})
    assert judge(pack, works(A | {"proof": FILE, "seen": True}, B)).outcome == "pass"
    assert judge(pack, works(A | {"proof": FILE})).outcome == "manual"
    bare = judge(pack, works(A | {"seen": True}))
    assert (bare.outcome, bare.missing) == ("unknown", ("x.works[].proof",))
    assert judge(pack, works(A | {"proof": FILE, "seen": False})).outcome == "fail"


SOFT = {"condition": "x.n >= 30", "reason": "x.letter", "decision": "x.word", "granted": "a"}


@pytest.mark.parametrize(
    ("facts", "outcome", "missing"),
    [
        ({"x.n": 30}, "pass", ()),
        ({}, "unknown", ("x.n",)),
        ({"x.n": 29}, "manual", ("x.letter", "x.word")),
        ({"x.n": 29, "x.letter": "c"}, "manual", ("x.word",)),
        ({"x.n": 29, "x.word": "a"}, "pass", ()),
        ({"x.n": 29, "x.word": "b"}, "fail", ()),
    ],
)
def test_soft(wide: Small, facts: dict[str, Any], outcome: str, missing: tuple[str, ...]) -> None:
    finding = judge(wide({"soft": SOFT}), facts)
    assert (finding.outcome, finding.missing) == (outcome, missing)
    if outcome == "manual":
        away = judge(wide({"soft": SOFT}), facts, unavailable=["x.word"])
        assert (away.outcome, away.missing) == ("unknown", ("x.word",))


IN_RANGE = "(!has(tier.min) || x.n >= tier.min) && (!has(tier.max) || x.n <= tier.max)"
TIERS = [{"tier": "general", "min": 20, "max": 50}, {"tier": "key", "min": None, "max": 300}]


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"project.tier": "general", "x.n": 20}, "pass"),
        ({"project.tier": "general", "x.n": 51}, "fail"),
        ({"project.tier": "key", "x.n": 1}, "pass"),
        ({"project.tier": "key", "x.n": 301}, "fail"),
        ({"project.tier": "major", "x.n": 20}, "fail"),
        ({"project.tier": "major"}, "fail"),
        ({"project.tier": "key"}, "unknown"),
        ({"x.n": 1000}, "unknown"),
    ],
)
def test_tier(wide: Small, facts: dict[str, Any], outcome: str) -> None:
    pack = wide({"tier": {"by": "project.tier", "then": IN_RANGE}}, funding=TIERS)
    assert judge(pack, facts).outcome == outcome


def test_a_category_without_tiers_does_not_ask_which(wide: Small) -> None:
    pack = wide({"tier": {"by": "project.tier", "then": IN_RANGE}})
    assert [judge(pack, {"x.n": n}).outcome for n in (99, 100)] == ["fail", "pass"]
    silent = wide({"tier": {"by": "project.tier", "then": IN_RANGE}}, funding=None)
    assert judge(silent, {"x.n": 99}).outcome == "unknown"


def test_parts_that_are_written_once(wide: Small) -> None:
    shared = {"enough": {"all": ["x.n >= 3", {"same": "flagged"}]}, "flagged": "x.flag"}
    pack = wide(
        {"any": [{"same": "enough"}, {"rule": "XX-2"}]},
        {"id": "XX-2", "guard": "x.flag", "require": "x.n >= 1"},
        conditions=shared,
    )
    assert judge(pack, {"x.n": 1, "x.flag": True}).outcome == "pass", "by the other rule"
    assert judge(pack, {"x.n": 3, "x.flag": False}).outcome == "fail", "the guard leaves the other rule out"
    assert judge(pack, {"x.n": 3}).outcome == "unknown"


@pytest.mark.parametrize(
    ("require", "conditions"),
    [
        ({"same": "nothing"}, {}),
        ({"rule": "XX-9"}, {}),
        ({"rule": "XX-1"}, {}),
        ({"same": "loop"}, {"loop": {"all": [{"same": "loop"}]}}),
        (
            {"same": "c0"},
            {f"c{i}": {"all": [{"same": f"c{i + 1}"}] * 4} for i in range(12)} | {"c12": "true"},
        ),
    ],
)
def test_parts_that_name_nothing_or_themselves_are_refused(
    wide: Small, require: Any, conditions: Any
) -> None:
    with pytest.raises(PackRefused) as refused:
        wide(require, conditions=conditions)
    assert all("names nothing, or itself" in problem.reason for problem in refused.value.problems)


def test_facts_that_the_guide_gives(wide: Small) -> None:
    assert judge(wide("signed_list.grant == 50000")).outcome == "pass"
    with pytest.raises(PackRefused, match=r"given/x\.n"):
        wide("true", given={"x.n": 1, "signed_list.grant": 1})
    with pytest.raises(PackRefused, match="integer in whole yuan"):
        wide("true", given={"signed_list.grant": "50000"})


def test_decimals_are_exact(wide: Small) -> None:
    remedy = {
        "zh": "还差 {gap}",
        "en": "{gap} short",
        "gap": {"fact": "x.area", "value": "short_of(x.area, '300')", "unit": "m2"},
    }
    pack = wide("at_least(x.area, '300')", rule={"remedies": [remedy]})
    assert judge(pack, {"x.area": "300.00"}).outcome == "pass"
    finding = judge(pack, {"x.area": "299.999999999999"})
    assert (finding.outcome, finding.remedy) == ("fail", "还差 0.000000000001 平方米")
    assert (at_least("0.10", "0.1"), short_of("1", "100"), short_of("0.5", "1.50")) == (True, "99", "1")


def test_completed_years_and_places() -> None:
    assert [age_at("1966-06-01", day) for day in ("2021-05-31", "2021-06-01")] == [54, 55]
    assert [age_at("1964-02-29", day) for day in ("2021-02-27", "2021-02-28")] == [56, 57]
    places = ("DE", "HK", "CN", "de", "450300", "zhangjiang")
    assert [place for place in places if foreign(place)] == ["DE"]


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("450331", "450381", True),
        ("450321", "450321", True),
        ("450321", "450322", False),
        ("450300", "450300", False),
        ("HK", "HK", False),
    ],
)
def test_the_same_county(wide: Small, small_data: dict[str, Any], left: str, right: str, same: bool) -> None:
    call = small_data["call"] | {"renamed_places": {"450331": "450381"}}
    pack = wide("same_county(x.works[0].id, x.works[1].id)", call=call)
    outcome = judge(pack, works({"id": left}, {"id": right})).outcome
    assert outcome == ("pass" if same else "fail")
