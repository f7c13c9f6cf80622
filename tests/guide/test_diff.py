"""Two versions compared by clause: nothing that a pack means is passed over, nothing else is shown."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.guide.conftest import GUIDES

from guide import Diff, Pack, diff, load_pack
from guide.yaml_reader import read_yaml

Data = dict[str, Any]


def changed(data: Data, change: Callable[[Data], object]) -> Pack:
    copied = copy.deepcopy(data)
    change(copied)
    return load_pack(json.dumps(copied, ensure_ascii=False))


def rule(data: Data, name: str) -> Data:
    found: Data = next(one for one in data["rules"] if one["id"] == name)
    return found


def lines(found: Diff) -> list[tuple[str | None, str, str, str]]:
    return [
        (one.clause and one.clause.id, change.kind, change.section, change.id)
        for one in found.clauses
        for change in one.changes
    ]


def test_a_changed_rule_shows_the_fields_that_differ(qz: Pack, qz_data: Data) -> None:
    def change(data: Data) -> None:
        rule(data, "QZ-4-2").update(
            require="budget.rd_total >= 4000000", due="formal_review", strength="soft", effect="priority"
        )

    found = diff(qz, changed(qz_data, change))
    assert lines(found) == [("qz20-notice/4-2", "changed", "rules", "QZ-4-2")]
    (only,) = found.clauses[0].changes
    assert only.before == {
        "effect": "fails_formal_review",
        "strength": "hard",
        "due": "submission",
        "require": "budget.rd_total >= 3000000",
    }
    assert only.after == {
        "effect": "priority",
        "strength": "soft",
        "due": "formal_review",
        "require": "budget.rd_total >= 4000000",
    }
    assert only.title == "研发投入预算不少于300万元"


def test_the_reverse_of_a_diff(qz: Pack, qz_data: Data) -> None:
    def change(data: Data) -> None:
        data["rules"].remove(rule(data, "QZ-4-2"))
        data["call"]["window"]["close_at"] = "2020-06-29T17:00:00+08:00"
        data["quota_blocks"][2]["rows"][0]["limit"] = data["quota_blocks"][2]["total"] = 17

    other = changed(qz_data, change)
    there, back = diff(qz, other), diff(other, qz)
    assert lines(there) == [
        ("qz20-notice/3-1", "changed", "call", "window"),
        ("qz20-notice/4-2", "removed", "rules", "QZ-4-2"),
        ("qz20-quota/patent", "changed", "quota_blocks", "qz20-patent"),
        ("qz20-quota/patent", "changed", "quota_blocks", "qz20-patent/city_level"),
    ]
    turned = {"removed": "added", "changed": "changed"}
    assert lines(back) == [(clause, turned[kind], *rest) for clause, kind, *rest in lines(there)]
    for one, reverse in zip(there.clauses, back.clauses, strict=True):
        for change_, reversed_ in zip(one.changes, reverse.changes, strict=True):
            assert (change_.before, change_.after) == (reversed_.after, reversed_.before)
    assert there.version == (qz.version, other.version)


def test_a_clause_that_went_stands_after_those_that_are_there(qz: Pack, qz_data: Data) -> None:
    def change(data: Data) -> None:
        data["clauses"] = [one for one in data["clauses"] if one["id"] != "qz20-notice/4-2"]
        rule(data, "QZ-4-2")["clause"] = "qz20-notice/4-8"

    assert lines(diff(qz, changed(qz_data, change))) == [
        ("qz20-notice/4-8", "changed", "rules", "QZ-4-2"),  # where it stands now
        ("qz20-notice/4-2", "removed", "clauses", "qz20-notice/4-2"),
    ]


def test_what_means_the_same_is_no_difference(qz: Pack, qz_data: Data) -> None:
    def change(data: Data) -> None:
        data["rules"].reverse()
        data["materials"].reverse()
        rule(data, "QZ-4-2")["due"] = "submission"  # the default
        data["conditions"] = {"unused": "true"}

    other = changed(qz_data, change)
    assert other.version != qz.version
    assert diff(qz, other).clauses == ()
    assert diff(qz, qz).clauses == ()


def test_a_shared_condition_shows_in_its_rules(qz_data: Data) -> None:
    def sharing(condition: str) -> Callable[[Data], None]:
        def change(data: Data) -> None:
            data["conditions"] = {"spent": condition}
            rule(data, "QZ-4-1")["require"] = {"same": "spent"}

        return change

    before = changed(qz_data, sharing("applicant.rd_spend_2019 > 0"))
    after = changed(qz_data, sharing("applicant.rd_spend_2019 > 1"))
    assert lines(diff(before, after)) == [("qz20-notice/4-1", "changed", "rules", "QZ-4-1")]


def test_as_json(qz: Pack, qz_data: Data) -> None:
    other = changed(qz_data, lambda data: rule(data, "QZ-4-2").update(due="approval"))
    told = json.loads(json.dumps(diff(qz, other).as_dict(), ensure_ascii=False))
    (clause,) = told["clauses"]
    assert clause["clause"]["section"] == "四.2"
    assert clause["changes"] == [
        {
            "section": "rules",
            "id": "QZ-4-2",
            "kind": "changed",
            "title": "研发投入预算不少于300万元",
            "before": {"due": "submission"},
            "after": {"due": "approval"},
        }
    ]
    assert told["guide"] == ["qz-2020", "qz-2020"]


def marked(value: Any, key: str = "") -> Any:
    """The same data with a mark at the end of every Chinese text for readers, wherever it stands."""
    if isinstance(value, dict):
        return {name: marked(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [marked(one) for one in value]
    return f"{value}◇" if isinstance(value, str) and (key in {"zh", "word"} or key.endswith("_zh")) else value


@pytest.mark.parametrize("name", sorted(path.stem for path in GUIDES.glob("*.yaml")))
def test_no_text_of_a_pack_changes_unseen(packs: dict[str, Pack], name: str) -> None:
    data = marked(read_yaml((GUIDES / f"{name}.yaml").read_text())[0])
    found = diff(packs[name], load_pack(json.dumps(data, ensure_ascii=False)))
    after = [change.after for one in found.clauses for change in one.changes]
    marks = json.dumps(data, ensure_ascii=False).count("◇")
    assert json.dumps(after, ensure_ascii=False).count("◇") == marks > 200
