"""What the Hengyang pack says beside its rules: categories, silence, routes, materials, papers."""

from collections.abc import Mapping
from typing import Any

import pytest

from guide import Pack, check_facts, evaluate, nest

ASKED: dict[str, Any] = {"as_of": "2021-06-30T09:00:00+08:00"}
COUNTY = "hy21-region-innovative-county"
SIGNED = "hy21-transfer-signed2020"


@pytest.fixture(scope="session")
def hy(packs: Mapping[str, Pack]) -> Pack:
    return packs["hy-2021"]


def test_the_guide_is_silent_where_it_says_nothing(hy: Pack) -> None:
    assert (hy.id, hy.city, hy.call.year, hy.call.window) == ("hy-2021", "430400", 2021, None)
    assert hy.document.quota_blocks is None
    assert not hy.offices
    assert hy.life_cycle.notice_days is None
    for leaf in hy.leaves:
        assert (leaf.years, leaf.funding_mode) == (None, None)
        assert hy.route(leaf.id, {}) is None, "no office is named: a person routes"
    capped = {leaf.id: leaf.cap for leaf in hy.leaves if leaf.cap is not None}
    funded = {leaf.id: [(row.min, row.max) for row in leaf.funding] for leaf in hy.leaves if leaf.funding}
    assert capped == {SIGNED: 20}
    assert funded == {SIGNED: [(50_000, 50_000)]}


@pytest.mark.parametrize(
    ("category", "fields", "is_open"),
    [
        ("hy21-major", 14, True),
        ("hy21-rd-industry", 10, False),
        ("hy21-rd-agri", 8, True),
        ("hy21-rd-social", 10, True),
        ("hy21-platform-keylab", 8, True),
    ],
)
def test_fields(hy: Pack, category: str, fields: int, is_open: bool) -> None:
    listed = hy.leaf(category).fields
    assert listed is not None
    assert (len(listed.tokens), listed.open) == (fields, is_open)
    offered = next(
        field
        for group in hy.form_for(category).groups
        for field in group.fields
        if field.fact == "project.field"
    )
    assert offered.allowed is not None
    assert offered.choices is not None
    assert set(offered.allowed) == {*listed.tokens, "other"}
    assert [choice.token for choice in offered.choices] == list(offered.allowed)


def test_a_field_of_another_category_is_refused(hy: Pack) -> None:
    facts = {"project": {"field": "eyewear"}}
    assert check_facts(hy, "hy21-rd-industry", facts) == []
    (problem,) = check_facts(hy, "hy21-major", facts, "/facts")
    assert problem.pointer == "/facts/project/field"
    assert check_facts(hy, "hy21-major", {"project": {"field": "other"}}) == []
    assert check_facts(hy, "hy21-rd-intl", facts) == [], "any field: the category has no list"
    assert check_facts(hy, "hy21-major", {"project": {"field": None}}) == []


def test_due(hy: Pack) -> None:
    due = {rule.id: rule.due for rule in hy.rules.values() if rule.due != "submission"}
    letter = dict.fromkeys(("HY-G-01", "HY-G-02", "HY-G-03", "HY-G-04"), "recommendation")
    assert due == {**letter, "HY-SGN-05": "approval"}


def test_parts_of_the_source_rule_stay_out_of_the_verdict(hy: Pack) -> None:
    parts = {rule.id for rule in hy.rules.values() if rule.part_of == "HY-TRF-01"}
    assert parts == {f"HY-TRF-0{number}" for number in range(2, 7)}


@pytest.mark.parametrize(
    ("count", "total", "outcome", "gap"),
    [
        (20, 1_000_000, "pass", None),
        (21, 1_000_000, "fail", {"fact": "signed_list.funded_count", "value": 1, "unit": "projects"}),
        (20, 1_050_000, "fail", {"fact": "signed_list.funded_sum", "value": 50_000, "unit": "yuan"}),
    ],
)
def test_the_ledger_says_what_was_granted(
    hy: Pack, count: int, total: int, outcome: str, gap: dict[str, Any] | None
) -> None:
    """Nobody may send these figures; whoever evaluates with the ledger at hand adds them."""
    granted = nest({"signed_list.funded_count": count, "signed_list.funded_sum": total})
    assert len(check_facts(hy, SIGNED, granted)) == 2
    found = evaluate(hy, category=SIGNED, facts=granted, **ASKED).finding("HY-SGN-05")
    assert (found.outcome, found.gap) == (outcome, gap)
    assert not found.enters_verdict


def test_materials(hy: Pack) -> None:
    needs = {leaf.id: [one.id for one in hy.materials_for(leaf.id)] for leaf in hy.leaves}
    assert needs[SIGNED] == []
    assert needs["hy21-basic"] == ["HY-D01", "HY-D02", "HY-D04", "HY-D05"]
    assert needs["hy21-platform-keylab"] == ["HY-D01", "HY-D02", "HY-D12", "HY-D13", "HY-D14"]
    assert {one.bundle for one in hy.document.materials} == {"identity"}
    conditions = {one.id: one.condition for one in hy.document.materials}
    letter = conditions["HY-D01"]
    assert hy.holds(letter, "hy21-major", {}) is True
    assert hy.holds(letter, COUNTY, {}) is None, "nobody settled whether a county government needs one"
    level = conditions["HY-D09"]
    assert hy.holds(level, "hy21-rd-intl", nest({"project.cooperation_direction": "inbound"})) is True
    assert hy.holds(level, "hy21-rd-intl", nest({"project.cooperation_direction": "outbound"})) is False
    assert hy.holds(conditions["HY-D15"], "hy21-major", nest({"project.province100_ref": "攻关37"})) is True


def test_signed_projects_take_the_direct_way(hy: Pack) -> None:
    ways = {step.id: step.categories for step in hy.life_cycle.steps if step.used and step.categories}
    assert ways["direct_grant"] == (SIGNED,)
    assert all(SIGNED not in categories for step, categories in ways.items() if step != "direct_grant")
    assert hy.form_for(SIGNED).groups == ()


def test_papers(hy: Pack) -> None:
    papers = {paper.id: paper for paper in hy.papers}
    columns = papers["GEN-HY-TABLE"].columns
    assert columns is not None
    assert [column.zh for column in columns] == ["序号", "项目名称", "计划类别", "申报单位", "项目负责人"]
    assert any("provisional" in rule.en for rule in papers["GEN-HY-TABLE"].rules)
    assert [one.zh for one in papers["GEN-HY-TABLE"].header] == ["推荐单位（联合盖章）", "联系人", "联系电话"]


def test_aliases(hy: Pack) -> None:
    assert {alias.word: alias.means for alias in hy.document.aliases}["两黄两茶一花一果"] == (
        "tea_daylily_flower_fruit"
    )


def test_texts_are_in_both_languages(hy: Pack) -> None:
    for clause in hy.clauses.values():
        assert any("一" <= char <= "鿿" for char in clause.text_zh)
        assert not any("一" <= char <= "鿿" for char in clause.text_en)
