"""One thing stated in several places: the places agree, or both are named."""

from collections.abc import Mapping
from typing import Any

import pytest

from guide import Pack, Request, check_facts, check_request, contradictions

CATEGORY = "gl19-01-ict-core"


@pytest.mark.parametrize(
    "facts",
    [
        {"applicant.type": "enterprise", "lead.type": "enterprise"},
        {"applicant.type": "enterprise", "lead": {"org": {"id": "applicant", "type": "enterprise"}}},
        {"applicant.type": "enterprise", "lead": {"org": {"id": "org:u", "type": "university"}}},
        {"applicant.type": "enterprise", "lead": {"type": "university", "org": {"id": "org:u"}}},
        {"applicant.type": "enterprise", "lead": {"type": None, "org": {"id": "lead", "type": ""}}},
        {"lead": {"type": "university", "org": {"id": "org:u", "type": "university"}}},
    ],
)
def test_what_agrees_or_is_another_unit_is_no_contradiction(
    packs: Mapping[str, Pack], facts: dict[str, Any]
) -> None:
    assert check_facts(packs["gl-2019"], CATEGORY, facts) == []


@pytest.mark.parametrize(
    ("facts", "pointers"),
    [
        (
            {"applicant": {"type": "enterprise"}, "lead": {"type": "university"}},
            ["/facts/applicant/type", "/facts/lead/type"],
        ),
        (
            {"applicant": {"type": "enterprise"}, "lead.org": {"id": "applicant", "type": "university"}},
            ["/facts/applicant/type", "/facts/lead.org/type"],
        ),
        (
            {"lead": {"type": "enterprise", "org": {"id": "org:u", "type": "university"}}},
            ["/facts/lead/type", "/facts/lead/org/type"],
        ),
        (
            {"applicant.type": "enterprise", "lead": {"type": "university", "org": {"id": "lead"}}},
            ["/facts/applicant.type", "/facts/lead/type"],
        ),
        (
            {
                "applicant.type": "enterprise",
                "lead": {"type": "enterprise", "org": {"id": "lead", "type": "government"}},
            },
            ["/facts/applicant.type", "/facts/lead/type", "/facts/lead/org/type"],
        ),
    ],
)
def test_a_contradiction_is_refused_at_every_place(
    packs: Mapping[str, Pack], facts: dict[str, Any], pointers: list[str]
) -> None:
    asked = Request(guide="gl-2019", category=CATEGORY, as_of="2019-05-20T10:00:00+08:00", facts=facts)
    problems = check_request(packs["gl-2019"], asked)
    assert [one.pointer for one in problems] == pointers
    for problem in problems:
        assert all(pointer in problem.reason for pointer in pointers)


def test_a_guide_that_does_not_use_the_fact_refuses_too(packs: Mapping[str, Pack]) -> None:
    facts = {"applicant.type": "enterprise", "lead.type": "university"}
    assert "lead.type" not in packs["qz-2020"].facts
    found = check_facts(packs["qz-2020"], "qz20-rd", facts)
    assert [one.pointer for one in found] == ["/applicant.type", "/lead.type"]


def test_a_wrong_value_is_said_before_a_contradiction(packs: Mapping[str, Pack]) -> None:
    facts = {"applicant.type": "enterprise", "lead.type": "大学"}
    assert [one.pointer for one in check_facts(packs["gl-2019"], CATEGORY, facts)] == ["/lead.type"]


def test_places_are_named_as_the_caller_has_them() -> None:
    stated = {
        "lead.type": ("/facts/3/value", "enterprise"),
        "applicant.type": ("/facts/0/value", "university"),
    }
    found = contradictions(stated)
    assert {one.pointer for one in found} == {"/facts/0/value", "/facts/3/value"}
