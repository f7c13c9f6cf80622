"""Every pack of `deploy/guides` is complete: counted against the ids of the inventory."""

from collections.abc import Mapping

import jsonschema
from tests.guide.conftest import GUIDES, INVENTORY, every_pack

from guide import Pack, json_schema
from guide.yaml_reader import read_yaml

FOR_ALL = {"GEN-ALL-RECEIPT", "GEN-ALL-CHECK", "GEN-ALL-RETURN"}


@every_pack
def test_categories(packs: Mapping[str, Pack], name: str) -> None:
    pack, listed = packs[name], INVENTORY[name]
    assert sorted(one.id for one in pack.categories if one.selectable) == sorted(listed["leaves"])
    assert sorted(one.id for one in pack.categories if not one.selectable) == sorted(listed["plans"])
    offered = {choice.token for fact in pack.facts.values() for choice in fact.choices or ()}
    assert set(listed["parts"]) <= offered


@every_pack
def test_rules(packs: Mapping[str, Pack], name: str) -> None:
    assert sorted(packs[name].rules) == sorted(INVENTORY[name]["rules"])


@every_pack
def test_interpretations(packs: Mapping[str, Pack], name: str) -> None:
    assert sorted(packs[name].interpretations) == sorted(INVENTORY[name]["interpretations"])


@every_pack
def test_materials_and_papers(packs: Mapping[str, Pack], name: str) -> None:
    pack, listed = packs[name], INVENTORY[name]
    assert sorted(one.id for one in pack.document.materials) == sorted(listed["materials"])
    assert {one.id for one in pack.papers} == {*listed["papers"], *FOR_ALL}


@every_pack
def test_every_leaf_has_rules_a_form_and_a_clause(packs: Mapping[str, Pack], name: str) -> None:
    pack = packs[name]
    for leaf in pack.leaves:
        assert pack.rules_for(leaf.id)
        assert leaf.clause in pack.clauses


@every_pack
def test_what_a_rule_asks_of_the_applicant_can_be_stated(packs: Mapping[str, Pack], name: str) -> None:
    """Each fact of the form and of the unit that a rule reads stands in a form, comes with a material, or is
    found by the system itself."""
    pack = packs[name]
    given = {fact for material in pack.document.materials for fact in (material.fact, *material.gives)}
    for leaf in pack.leaves:
        forms = (pack.form_for(leaf.id), pack.profile_for(leaf.id))
        asked = {field.fact for form in forms for group in form.groups for field in group.fields}
        read = {fact for plan in pack.plans_for(leaf.id) for fact in plan.facts}
        stated = {fact for fact in read if str(pack.facts[fact].owner) in {"app", "org"}}
        elsewhere = {fact for fact, only in READ_FOR.items() if leaf.id not in only}
        assert stated - asked - given - FOUND - elsewhere == set(), leaf.id


FOUND = {
    "applicant.names", "applicant.profile_complete", "session.login_kind", "submission.channel",
    "lead.org", "lead.type", "partners.count", "recommendation.unit", "team.members", "project.leader",
}  # fmt: skip
"""Facts that intake knows by itself."""
READ_FOR = {
    "project.province100_ref": {"hy21-major"},
    "project.tier": {"gl19-15-3-medical", "gl19-16-sdg-zone"},
    "project.eco_industry": {"gl19-16-sdg-zone"},
}
"""Facts that a rule of many categories reads for some of them only (HY-G-05, GL-G-01, GL-G-04, GL-01-1p)."""


@every_pack
def test_published_schema(name: str) -> None:
    data = read_yaml((GUIDES / f"{name}.yaml").read_text())[0]
    jsonschema.Draft202012Validator(json_schema()).validate(data)


@every_pack
def test_clauses_point_into_their_documents(packs: Mapping[str, Pack], name: str) -> None:
    pack = packs[name]
    cited = {rule.clause for rule in pack.rules.values()}
    assert cited <= set(pack.clauses)
    for clause in pack.clauses.values():
        first, _, last = pack.sources[clause.document].lines.partition("-")
        low, _, high = clause.lines.partition("-")
        assert int(first) <= int(low) <= int(high or low) <= int(last or first), clause.id
