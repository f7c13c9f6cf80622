"""The fact dictionary is the inventory's: every name once, with type, owner and words."""

from collections import Counter

import pytest

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
