"""The golden cases of Quzhou's guide, posted as a front end would: the pack judges the same over HTTP."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

CASES_FILE = Path(__file__).parents[2] / "guide" / "cases" / "qz-2020.json"
CASES = json.loads(CASES_FILE.read_text(encoding="utf-8"))
KEYS = ("guide", "category", "stage", "as_of", "facts", "interpretations", "unavailable", "lang")
WORKED = frozenset(
    "T33 T36a T36b T39a T39b T39c T42 T45 T48 T51 T54a T54b T57 T60a T60b T63 T66 T108".split()  # noqa: SIM905
)

Json = dict[str, Any]
Finding = Callable[[Json, str], Json]


def request(case: Json) -> Json:
    return {key: case[key] for key in KEYS if key in case}


def deviations(case: Json, body: Json) -> list[str]:
    """What an answer says that the case does not expect."""
    also = case.get("also", {})
    found = {one["rule"]: one["outcome"] for one in body["findings"]}
    wrong = [
        f"{expected['rule']}: {found.get(expected['rule'])}"
        for expected in case.get("expect", [])
        if found.get(expected["rule"]) not in expected.get("outcome_in", [expected.get("outcome")])
    ]
    if body["eligible"] == also.get("eligible_not") or body["eligible"] != also.get(
        "eligible", body["eligible"]
    ):
        wrong.append(body["eligible"])
    return wrong + [f"{rule} is there" for rule in also.get("rules_absent", []) if rule in found]


def test_all_worked_examples_are_among_the_cases() -> None:
    assert {case["id"] for case in CASES} >= WORKED


async def test_every_case_over_http(intake: httpx.AsyncClient) -> None:
    wrong: dict[str, list[str] | str] = {}
    for case in CASES:
        if "kind" in case:
            continue
        answer = await intake.post("/v1/prechecks", json=request(case))
        found = deviations(case, answer.json()) if answer.status_code == 200 else answer.text
        if found:
            wrong[case["id"]] = found
    assert wrong == {}


async def test_the_cap_on_approvals_leaves_the_verdict_alone(
    intake: httpx.AsyncClient, finding: Finding
) -> None:
    """T66: the 51st approval fails the selection cap, and eligibility stays as it was."""
    (case,) = [case for case in CASES if case["id"] == "T66"]
    asked = {
        "guide": case["guide"],
        "category": case["category"],
        "stage": "approval",
        "as_of": "2020-08-01T09:00:00+08:00",
        "interpretations": {"qz.cap_50_scope": "major_and_rd"},
    }
    verdicts = {}
    for count in (50, 51):
        facts = {"selection": {"approved_count": count}}
        body = (await intake.post("/v1/prechecks", json={**asked, "facts": facts})).json()
        verdicts[count] = (finding(body, "QZ-CAP-01")["outcome"], body["eligible"])
        assert finding(body, "QZ-CAP-01")["effect"] == "selection_cap"
    assert [outcome for outcome, _ in verdicts.values()] == ["pass", "fail"]
    assert verdicts[50][1] == verdicts[51][1]
