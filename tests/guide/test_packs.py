"""Every pack of `deploy/guides` is complete: counted against the ids of the inventory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
from tests.guide.conftest import GUIDES, INVENTORY, every_pack

from guide import Effect, Pack, json_schema
from guide.model.rules import EffectCases, Rule
from guide.yaml_reader import read_yaml

DETAILS: dict[str, Any] = read_yaml((Path(__file__).parent / "inventory_details.yaml").read_text())[0]
LETTERS = {
    Effect.blocks_submission: "B", Effect.fails_formal_review: "F", Effect.deemed_given_up: "W",
    Effect.priority: "P", Effect.obligation: "O", Effect.selection_cap: "S",
    Effect.document_consistency: "G", Effect.routing: "R",
}  # fmt: skip

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
def test_what_each_rule_is(packs: Mapping[str, Pack], name: str) -> None:
    pack = packs[name]
    leaves = [leaf.id for leaf in pack.leaves]
    assert {rule.id: row_of(rule, leaves) for rule in pack.rules.values()} == DETAILS["rules"][name]


def row_of(rule: Rule, leaves: list[str]) -> dict[str, Any]:
    effect = rule.effect
    cases = [one.effect for one in effect.cases] if isinstance(effect, EffectCases) else []
    last = effect.otherwise if isinstance(effect, EffectCases) else effect
    return {
        "kind": rule.kind,
        "effects": sorted(LETTERS[one] for one in (*cases, last)),
        "strength": str(rule.strength),
        "due": str(rule.due),
        "categories": "all" if sorted(rule.applies) == sorted(leaves) else list(rule.applies),
    }


@every_pack
def test_interpretations(packs: Mapping[str, Pack], name: str) -> None:
    assert sorted(packs[name].interpretations) == sorted(INVENTORY[name]["interpretations"])


@every_pack
def test_materials_and_papers(packs: Mapping[str, Pack], name: str) -> None:
    pack, listed = packs[name], INVENTORY[name]
    assert sorted(one.id for one in pack.document.materials) == sorted(listed["materials"])
    assert {one.id for one in pack.papers} == {*listed["papers"], *FOR_ALL}


@every_pack
def test_what_each_material_is(packs: Mapping[str, Pack], name: str) -> None:
    rows = {one.id: [one.supplier, one.when, one.force, one.bundle] for one in packs[name].document.materials}
    assert rows == {id_: row for id_, row in DETAILS["materials"].items() if id_ in rows}


@every_pack
def test_what_each_interpretation_is(packs: Mapping[str, Pack], name: str) -> None:
    for one in packs[name].interpretations.values():
        row = DETAILS["interpretations"][one.id]
        assert (one.mode, one.default, one.open) == (row["mode"], row["default"], row.get("open"))
        assert [value.value for value in one.values] == row["values"]
        assert one.confirmed is None, "no person has confirmed anything"


@every_pack
def test_every_leaf_has_rules_a_form_and_a_clause(packs: Mapping[str, Pack], name: str) -> None:
    pack = packs[name]
    for leaf in pack.leaves:
        assert pack.rules_for(leaf.id)
        assert leaf.clause in pack.clauses


@every_pack
def test_what_a_rule_asks_of_the_applicant_can_be_stated(packs: Mapping[str, Pack], name: str) -> None:
    """Each fact of the form, the unit and the attachments that a rule reads stands in a form, comes with a
    material, or is found by the system itself."""
    pack = packs[name]
    given = {fact for material in pack.document.materials for fact in (material.fact, *material.gives)}
    for leaf in pack.leaves:
        forms = (pack.form_for(leaf.id), pack.profile_for(leaf.id))
        asked = {field.fact for form in forms for group in form.groups for field in group.fields}
        read = {fact for plan in pack.plans_for(leaf.id) for fact in plan.facts}
        stated = {fact for fact in read if str(pack.facts[fact].owner) in {"app", "org", "att"}}
        elsewhere = {fact for fact, only in READ_FOR.items() if leaf.id not in only}
        assert stated - asked - given - FOUND - elsewhere == set(), leaf.id


FOUND = {
    "applicant.names", "applicant.profile_complete", "session.login_kind", "submission.channel",
    "lead.org", "lead.type", "partners.count", "recommendation.unit", "team.members", "project.leader",
}  # fmt: skip
"""Facts that intake knows by itself."""
READ_FOR = {
    "project.province100_ref": {"hy21-major"},
    "project.province100_proof": {"hy21-major"},
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
