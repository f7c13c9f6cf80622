"""The fact dictionary is the inventory's: every name once, with type, owner and words."""

import json
from collections import Counter
from typing import Any

import pytest

from guide import Pack, PackRefused, evaluate, load_pack
from guide.dictionary import dictionary
from guide.shapes import value_problems
from guide.words import Owner

OWNERS = {
    "app": 103, "org": 25, "person": 7, "platform": 6, "att": 63, "apps": 5, "prog": 4, "bl": 2, "quota": 3,
    "reg": 21, "call": 16, "clock": 2, "rev": 46, "post": 15, "doc": 8,
}  # fmt: skip


def test_every_fact_of_the_inventory() -> None:
    facts = dictionary().facts
    assert len(facts) == 326
    assert Counter(str(fact.owner) for fact in facts.values()) == OWNERS


@pytest.mark.parametrize(
    ("name", "kind", "owner"),
    [
        ("applicant.type", "enum", "org"),
        ("budget.rd_total", "money", "app"),
        ("county.indicators", "map<enum,decimal>", "reg"),
        ("partners[].region", "enum", "app"),
        ("patent.owners", "list<ref<org>>", "reg"),
        ("talent.service_share", "percent", "app"),
        ("platform.head_letter_signer", "ref<person>", "att"),
        ("result.sources", "set<enum>", "app"),
    ],
)
def test_rows(name: str, kind: str, owner: str) -> None:
    fact = dictionary().facts[name]
    assert (fact.type, str(fact.owner)) == (kind, owner)


def test_words() -> None:
    shapes = dictionary().names.shapes
    assert shapes["hnte.status"].tokens == frozenset({"valid", "expired", "none"})
    assert shapes["initial_review.decision"].tokens == frozenset({"approved", "returned", "rejected"})
    level = frozenset({"none", "county", "city", "provincial", "ministry", "national"})
    assert shapes["platform.level"].tokens == level
    projects = shapes["lab.projects"].keys
    assert projects is not None
    assert set(projects) == {"kind", "level", "start", "funding", "proof"}
    assert projects["level"].tokens == level


def test_no_fact_hides_another_one() -> None:
    names = dictionary().names
    assert names.groups & names.shapes.keys() == {"partners"}
    assert set(names.refused) == {
        name for name, fact in dictionary().facts.items() if fact.owner is Owner.call
    } | {"partners.count"}


def test_every_fact_that_may_be_sent_is_checked() -> None:
    """Whatever the type, an object that stands for nothing is refused."""
    names = dictionary().names
    for name, shape in names.shapes.items():
        if name not in names.refused:
            assert list(value_problems(shape, {"no": "thing"}, "")), name


def test_every_fact_and_every_word_has_labels() -> None:
    known = dictionary()
    assert [name for name, fact in known.declarable.items() if not (fact.label_zh and fact.label_en)] == []
    words = [words for tokens in known.enumerations.values() for words in tokens.values()]
    assert all(zh and en for zh, en in words)
    assert {fact.enum for fact in known.facts.values() if fact.enum} <= known.enumerations.keys()


def small_with(data: dict[str, Any], *facts: dict[str, Any], require: str = "true") -> Pack:
    data["facts"] = list(facts)
    data["interpretations"] = []
    data["rules"][0]["require"] = require
    return load_pack(json.dumps(data, ensure_ascii=False))


def test_a_pack_has_the_facts_that_it_names(small_data: dict[str, Any]) -> None:
    pack = small_with(small_data, require="applicant.type == 'enterprise' && partners.count >= 1")
    assert list(pack.facts) == ["partners.count", "applicant.type"]
    fact = pack.facts["applicant.type"]
    assert (fact.label_zh, fact.label_en, fact.owner) == ("申报单位类型", "type of the applicant", "org")
    assert fact.choices is not None
    assert (fact.choices[0].token, fact.choices[0].label_zh) == ("enterprise", "企业")


def test_a_pack_may_say_a_fact_in_its_own_words(small_data: dict[str, Any]) -> None:
    own = {"name": "applicant.type", "label_zh": "单位", "label_en": "unit"}
    pack = small_with(small_data, own, require="applicant.type == 'enterprise'")
    assert (pack.facts["applicant.type"].label_en, pack.facts["applicant.type"].type) == ("unit", "enum")


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        ({"name": "applicant.type", "type": "text"}, "is enum in the dictionary"),
        ({"name": "applicant.type", "owner": "app"}, "is owned by org"),
        ({"name": "applicant.shoes"}, "Field required"),
        ({"name": "partners[].type"}, "should match pattern"),
    ],
)
def test_a_pack_cannot_change_what_a_fact_is(
    small_data: dict[str, Any], fact: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PackRefused, match=reason):
        small_with(small_data, fact)


def test_the_number_of_partners_is_the_length_of_their_list(small_data: dict[str, Any]) -> None:
    pack = small_with(small_data, require="partners.count >= 1 && size(partners) >= 1")
    outcomes = [
        evaluate(pack, category="cat", as_of="2030-05-01T12:00:00+08:00", facts={"partners": partners})
        .findings[0]
        .outcome
        for partners in ([{"id": "a"}], [], None)
    ]
    assert outcomes == ["pass", "fail", "unknown"]
