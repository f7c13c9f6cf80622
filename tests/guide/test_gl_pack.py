"""The Guilin pack is complete: what the uniform block of each project says, and what follows from it."""

from collections.abc import Mapping

import pytest

from guide import Pack, evaluate

WAN = 10_000
BLOCKS = {
    # category: (years, number of projects, amounts in 万元 by tier, mode, office)
    "gl19-01-ict-core": ((2019, 2021), 3, [(None, 100, 150)], "yearly", "发展规划与科技监督科"),
    "gl19-02-pharma": ((2019, 2021), 5, [(None, 100, 300)], "yearly", "发展规划与科技监督科"),
    "gl19-03-manufacturing": ((2019, 2021), 3, [(None, 100, 150)], "yearly", "发展规划与科技监督科"),
    "gl19-04-materials": ((2019, 2021), 2, [(None, 100, 150)], "yearly", "发展规划与科技监督科"),
    "gl19-05-1-sdg-lab": ((2019, 2021), 1, [(None, None, 200)], "yearly", "发展规划与科技监督科"),
    "gl19-05-2-gx-keylab": ((2019, 2021), 5, [(None, 30, 50)], "pre_subsidy", "发展规划与科技监督科"),
    "gl19-06-incubator": ((2019, 2021), 5, [(None, 20, 60)], "pre_subsidy", "高新技术科"),
    "gl19-07-rural-platform": ((2019, 2021), 5, [(None, 15, 30)], "pre_subsidy", "农业农村科技科"),
    "gl19-08-coop-platform": ((2019, 2021), 2, [(None, 30, 50)], "pre_subsidy", "国际与区域科技合作科"),
    "gl19-09-talent": ((2019, 2021), 10, [(None, 30, 100)], "pre_subsidy", "国外智力引进与人才科"),
    "gl19-10-hnte": ((2019, 2021), 30, [(None, 20, 50)], "pre_subsidy", "高新技术科"),
    "gl19-11-own-transfer": ((2019, 2020), 5, [(None, 30, 50)], "pre_subsidy", "科技成果转化科"),
    "gl19-12-imported-transfer": ((2019, 2022), 5, [(None, 40, 100)], "pre_subsidy", "科技成果转化科"),
    "gl19-13-intl-coop-rd": ((2019, 2021), 5, [(None, 30, 50)], "pre_subsidy", "国际与区域科技合作科"),
    "gl19-14-sts-poverty": ((2019, 2020), 15, [(None, 15, 30)], "pre_subsidy", "农业农村科技科"),
    "gl19-15-1-env": ((2019, 2020), 5, [(None, 20, 50)], "pre_subsidy", "社会发展科技科"),
    "gl19-15-2-safety": ((2019, 2020), 5, [(None, 10, 20)], "pre_subsidy", "社会发展科技科"),
    "gl19-15-3-medical": (
        (2019, 2020), 50, [("general", 2, 5), ("key", None, 30)], "pre_subsidy", "社会发展科技科"
    ),
    "gl19-16-sdg-zone": (
        (2019, 2022), 20, [("general", 30, 50), ("major", 100, 200)], "by_tier", "社会发展科技科"
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def gl(packs: Mapping[str, Pack]) -> Pack:
    return packs["gl-2019"]


@pytest.mark.parametrize("category", BLOCKS)
def test_the_block_of_each_project(gl: Pack, category: str) -> None:
    years, cap, amounts, mode, office = BLOCKS[category]
    leaf = gl.leaf(category)
    assert leaf.years is not None
    assert (leaf.years.first, leaf.years.last) == years
    assert (leaf.cap, leaf.cap_group, leaf.funding_mode) == (cap, None, mode)
    assert [(row.tier, row.min, row.max) for row in leaf.funding or ()] == [
        (tier, low and low * WAN, high * WAN) for tier, low, high in amounts
    ]
    found = gl.route(category, {"project": {"summary": "现代农业"}})
    assert found is not None
    assert found.name_zh == office


def test_the_sums_of_the_guide(gl: Pack) -> None:
    """21 funding rows, 181 projects, and 135 million yuan if every cap and maximum were used."""
    rows = [(leaf, row) for leaf in gl.leaves for row in leaf.funding or ()]
    assert len(rows) == 21
    assert sum(leaf.cap or 0 for leaf in gl.leaves) == 181
    most = {leaf.id: (leaf.cap or 0) * max(row.max or 0 for row in leaf.funding or ()) for leaf in gl.leaves}
    assert sum(most.values()) == 135_000_000


def test_a_rule_of_every_project_cites_the_lines_of_the_project_asked_about(gl: Pack) -> None:
    cited = {}
    for leaf in gl.leaves:
        found = evaluate(gl, category=leaf.id, as_of="2019-05-20T10:00:00+08:00", facts={})
        terms = {found.finding(f"GL-G-0{number}").clause.lines for number in range(1, 6)}
        cited[leaf.id] = terms
        assert found.finding("GL-G-06").as_dict()["clause"]["id"] == leaf.clause
    assert {len(lines) for lines in cited.values()} == {1}
    assert len(set().union(*cited.values())) == 19


def test_due(gl: Pack) -> None:
    by_stage = {
        stage: {one.id for one in gl.rules.values() if one.due == stage}
        for stage in ("recommendation", "approval", "acceptance")
    }
    assert by_stage == {
        "recommendation": {"GL-07-3", "GL-14-5", "GL-16-2"},
        "approval": {"GL-G-03"},
        "acceptance": {"GL-G-04", "GL-11-3"},
    }


def test_what_the_guide_is_silent_about(gl: Pack) -> None:
    assert gl.call.window is None
    assert gl.quota_blocks == ()
    assert gl.life_cycle.notice_days is None
    assert {one.bundle for one in gl.document.materials} == {"identity"}


def test_three_projects_are_recommended(gl: Pack) -> None:
    recommended = {"gl19-07-rural-platform", "gl19-14-sts-poverty", "gl19-16-sdg-zone"}
    step = next(one for one in gl.life_cycle.steps if one.id == "recommendation")
    assert set(step.categories) == recommended
    letters = {
        leaf.id for leaf in gl.leaves for one in gl.materials_for(leaf.id) if one.supplier == "recommender"
    }
    assert letters == recommended


def test_tiers_are_asked_for_where_there_are_some(gl: Pack) -> None:
    asked = {
        leaf.id
        for leaf in gl.leaves
        for group in gl.form_for(leaf.id).groups
        for field in group.fields
        if field.fact == "project.tier"
    }
    assert asked == {"gl19-15-3-medical", "gl19-16-sdg-zone"}


def test_an_agreement_is_asked_for_where_a_platform_is_built_together(gl: Pack) -> None:
    agreement = next(one for one in gl.document.materials if one.id == "GL-D06")
    built, own = {"project": {"cobuilds_platform": True}}, {"project": {"cobuilds_platform": False}}
    assert gl.holds(agreement.condition, "gl19-08-coop-platform", built) is True
    assert gl.holds(agreement.condition, "gl19-08-coop-platform", own) is False
    assert gl.holds(agreement.condition, "gl19-08-coop-platform", {}) is None
    assert gl.holds(agreement.condition, "gl19-13-intl-coop-rd", {}) is True


def test_obligations_name_what_stands_after_approval(gl: Pack) -> None:
    listed = {one.rule for one in gl.obligations}
    assert {rule.id for rule in gl.rules.values() if rule.effect == "obligation"} <= listed
    due = {one.rule: one.due and one.due.zh for one in gl.obligations}
    assert due["GL-12-3"] == "2020-12-31"
