"""Owners that are away: their facts are unknown at every stage, never false, and known once they are back."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from common.ids import new_id
from guide import Owner, Pack, Stage, flatten

CASES = Path(__file__).parents[2] / "guide" / "cases" / "qz-2020.json"
STAGES = [stage for stage in Stage if stage is not Stage.acceptance]
# facts that nobody pushes: the pack gives them
OWN = {Owner.call}

Json = dict[str, Any]


def sound(category: str, stage: str) -> Json:
    """A whole applicant who is eligible at the stage."""
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    (case,) = [one for one in cases if one["id"] == f"whole/{category}/{stage}"]
    return dict(case)


def owners_of(pack: Pack, names: set[str]) -> Iterator[tuple[Owner, list[str]]]:
    """The names by whom they are kept."""
    for owner in Owner:
        kept = sorted(name for name in names if name in pack.facts and pack.facts[name].owner is owner)
        if kept and owner not in OWN:
            yield owner, kept


@pytest.mark.parametrize("category", ["qz20-major", "qz20-rd", "qz20-patent"])
@pytest.mark.parametrize("stage", STAGES)
async def test_each_owner_away_leaves_open_what_it_knows(
    intake: httpx.AsyncClient, question: Callable[..., Json], pack: Pack, category: str, stage: Stage
) -> None:
    case = sound(category, stage)
    facts = flatten(case["facts"], pack.facts)
    asked = question(
        facts,
        category=category,
        stage=stage,
        as_of=case["as_of"],
        subjects={"unit": {"id": str(new_id()), "uscc": "91330800TEST000017", "names": []}, "people": []},
    )
    whole = await take(intake, asked)
    known = {one["rule"]: one["outcome"] for one in whole["findings"]}
    opened = set()
    for owner, names in owners_of(pack, set(facts)):
        body = {
            **asked,
            "id": str(new_id()),
            "facts": [fact for fact in asked["facts"] if fact["name"] not in names],
            "unavailable": names,
        }
        less = await take(intake, body)
        for finding in less["findings"]:
            before = known[finding["rule"]]
            if finding["outcome"] != before:
                # less is known: nothing fails by it, and what comes out open says who could not answer
                assert finding["outcome"] in {"unknown", "manual", "not_applicable"}, (owner, finding)
                away = {one["name"] for one in finding["facts_used"] if one["source"] == "unavailable"}
                assert away & set(names), (owner, finding["rule"])
                opened.add(owner)
        assert less["unavailable"] == names
        assert less["eligible"] != "not_eligible", owner
        assert less["decision"]["decision"] != "refuse" or stage is not Stage.submission, owner
    assert {Owner.app, Owner.org, Owner.att} <= opened
    completed = await take(intake, {**asked, "id": str(new_id())})
    assert {one["rule"]: one["outcome"] for one in completed["findings"]} == known
    assert completed["unavailable"] == []


async def take(intake: httpx.AsyncClient, asked: Json) -> Json:
    answer = await intake.post("/v1/assessments", json=asked)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())
