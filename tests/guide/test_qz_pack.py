"""The Quzhou pack is complete: counts and ids of the call's documents."""

import json
from typing import Any

import jsonschema
import pytest

from guide import Pack, json_schema, load_pack, nest

ROWS = {
    "qz20-major": {"city_level": 10, "kecheng": 2, "qujiang": 2},
    "qz20-rd": {
        "city_level": 30, "kecheng": 5, "qujiang": 5, "longyou": 5, "jiangshan": 5, "changshan": 5,
        "kaihua": 5, "quzhou_university": 5, "quzhou_polytechnic": 5, "southeast_digital_institute": 5,
        "academy_agri_sciences": 5, "health_system": 5, "other_public_institutions": 5,
    },
    "qz20-patent": {"city_level": 16},
}  # fmt: skip

DUE = {
    "recommendation": {"QZ-WIN-02", "QZ-INI-01", "QZ-4-8b", "QZ-4-8c", "QZ-REC-01"},
    "approval": {"QZ-CAP-01", "QZ-CAP-02", "QZ-PUB-01"},
    "acceptance": {"QZ-CON-01", "QZ-TGT-01", "QZ-4-6c"},
}


def test_due(qz: Pack) -> None:
    for stage, rules in DUE.items():
        assert {rule.id for rule in qz.rules.values() if rule.due == stage} == rules


def test_call_and_categories(qz: Pack) -> None:
    assert (qz.id, qz.city, qz.call.year) == ("qz-2020", "330800", 2020)
    assert qz.call.close_at is not None
    assert qz.call.close_at.isoformat() == "2020-06-28T17:00:00+08:00"
    assert {leaf.id: leaf.cap for leaf in qz.leaves} == {"qz20-major": 50, "qz20-rd": 50, "qz20-patent": 10}
    assert (len(qz.topics), len({topic.group_zh for topic in qz.topics.values()})) == (24, 6)
    assert qz.life_cycle.notice_days is None


def test_quota(qz: Pack) -> None:
    blocks = {block.category: {row.token: row.limit for row in block.rows} for block in qz.quota_blocks}
    assert blocks == ROWS
    assert [block.total for block in qz.quota_blocks] == [14, 90, 16]
    assert len(qz.quota_rows) == 17


@pytest.mark.parametrize(
    ("category", "token", "row"),
    [
        ("qz20-major", "qujiang", "qz20-major/qujiang"),
        ("qz20-major", "longyou", None),
        ("qz20-rd", "longyou", "qz20-rd/longyou"),
        ("qz20-rd", "green_cluster", "qz20-rd/city_level"),
        ("qz20-patent", "smart_new_city", "qz20-patent/city_level"),
        ("qz20-patent", "kecheng", None),
        ("qz20-major", "quzhou_university", "qz20-major/city_level"),
        ("qz20-patent", "quzhou_university", None),
        ("qz20-rd", "outside", None),
    ],
)
def test_quota_row(qz: Pack, category: str, token: str, row: str | None) -> None:
    assert qz.quota_row(category, token) == row


@pytest.mark.parametrize(
    ("category", "topic", "office"),
    [
        ("qz20-rd", "qz20-t-1-1-fluorine", "高新处"),
        ("qz20-major", "qz20-t-6-3-food", "农社处"),
        ("qz20-rd", "qz20-t-6-7-health", "农社处"),
        ("qz20-patent", "qz20-t-6-7-health", "合作处"),
        ("qz20-patent", None, "合作处"),
        ("qz20-rd", "other", None),
        ("qz20-rd", None, None),
    ],
)
def test_route(qz: Pack, category: str, topic: str | None, office: str | None) -> None:
    found = qz.route(category, nest({"project.topic": topic}))
    assert (found and found.name_zh) == office


def test_materials(qz: Pack) -> None:
    common = [f"QZ-D{n:02}" for n in range(1, 11) if n != 6]
    assert [one.id for one in qz.materials_for("qz20-rd")] == common
    patent = {one.id: one for one in qz.materials_for("qz20-patent")}
    assert len(patent) == 10
    assert {one.id for one in patent.values() if one.bundle == "blind"} == {"QZ-D02", "QZ-D03", "QZ-D04"}
    gives = {one.id: one.fact for one in patent.values() if one.fact}
    assert gives == {
        "QZ-D05": "commitment.file",
        "QZ-D06": "patent.cert",
        "QZ-D07": "applicant.rd_spend_proof",
        "QZ-D08": "recommendation.form",
    }


def test_forms_ask_for_what_the_rules_read_from_the_applicant(qz: Pack) -> None:
    system = {"submission.channel"}
    for leaf in qz.leaves:
        read = {name for rule in qz.rules_for(leaf.id) for name in qz.rule_facts[rule.id]}
        asked = {field.fact for group in qz.form_for(leaf.id).groups for field in group.fields}
        assert {name for name in read if qz.facts[name].owner == "app"} - system <= asked
    topic = next(f for f in qz.form_for("qz20-rd").groups[0].fields if f.fact == "project.topic")
    assert topic.required
    assert topic.choices is not None
    assert topic.choices[0].label_zh == "氟材料"


def test_profile(qz: Pack) -> None:
    fields = {field.fact: field for group in qz.profile_for("qz20-rd").groups for field in group.fields}
    condition = fields["applicant.in_enclave"].condition
    assert qz.holds(condition, "qz20-rd", {"applicant": {"type": "enterprise"}}) is True
    assert qz.holds(condition, "qz20-rd", {"applicant": {"type": "university"}}) is False
    assert qz.holds(condition, "qz20-rd", {}) is None


def test_version_is_the_hash_of_the_content(qz: Pack, qz_text: str, qz_data: dict[str, Any]) -> None:
    assert len(qz.version) == 64
    assert load_pack("# a remark\n" + qz_text).version == qz.version
    assert load_pack(json.dumps(qz_data)).version == qz.version
    qz_data["rules"][0]["title_en"] = "another"
    assert load_pack(json.dumps(qz_data)).version != qz.version


def test_published_schema(qz_data: dict[str, Any]) -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(qz_data)) == []
    qz_data["rules"][0].pop("clause")
    qz_data["rules"][1]["require"] = {"most": []}
    assert len(list(validator.iter_errors(qz_data))) == 2


def test_texts_are_paraphrased_in_both_languages(qz: Pack) -> None:
    for clause in qz.clauses.values():
        assert any("一" <= char <= "鿿" for char in clause.text_zh)
        assert not any("一" <= char <= "鿿" for char in clause.text_en)
