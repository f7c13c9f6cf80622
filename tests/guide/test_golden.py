"""The golden cases of Quzhou 2020: data that a domain expert can read, run as prechecks."""

import json
from pathlib import Path
from typing import Any

import pytest

from guide import Evaluation, Outcome, Pack, Request, Stage, answer, check_request

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "qz-2020.json").read_text())
PRECHECKS = [case for case in CASES if "kind" not in case]
KEYS = ("guide", "category", "stage", "as_of", "facts", "interpretations", "unavailable", "lang")

NEVER = {
    "QZ-4-3b": {"fail", "unknown"},  # the guide itself supplies the mode
    "QZ-4-3e": {"fail"},  # a missing file is unknown
    "QZ-PUB-01": {"unknown"},  # all its facts are a reviewer's: manual
}
"""Of pass, fail and unknown: what a rule cannot reach."""


def run(pack: Pack, case: dict[str, Any]) -> Evaluation:
    request = Request.model_validate({key: case[key] for key in KEYS if key in case})
    assert check_request(pack, request) == []
    return answer(pack, request)


@pytest.mark.parametrize("case", PRECHECKS, ids=lambda case: case["id"])
def test_case(qz: Pack, case: dict[str, Any]) -> None:
    evaluation = run(qz, case)
    got = {finding.rule: str(finding.outcome) for finding in evaluation.findings}
    wanted = {one["rule"]: one["outcome"] for one in case["expect"]}
    assert {rule: got[rule] for rule in wanted} == wanted
    also = case.get("also", {})
    assert evaluation.eligible == also.get("eligible", evaluation.eligible)
    assert evaluation.eligible != also.get("eligible_not")
    assert list(got) == [rule.id for rule in qz.rules_for(case["category"])]
    for finding in evaluation.findings:
        assert finding.clause.id in qz.clauses
        assert finding.message
        if finding.outcome is Outcome.fail:
            assert finding.remedy
        if finding.outcome in {Outcome.passed, Outcome.not_applicable}:
            assert finding.missing == ()
        if finding.outcome is Outcome.unknown:
            assert finding.missing


def test_every_rule_reaches_its_outcomes(qz: Pack) -> None:
    reached: dict[str, set[str]] = {}
    for case in PRECHECKS:
        for one in case["expect"]:
            reached.setdefault(one["rule"], set()).add(one["outcome"])
    lacking = {
        rule: {"pass", "fail", "unknown"} - outcomes - NEVER.get(rule, set())
        for rule, outcomes in reached.items()
    }
    assert set(reached) == set(qz.rules)
    assert {rule: outcomes for rule, outcomes in lacking.items() if outcomes} == {}


def test_a_sound_applicant_is_eligible_at_every_stage(qz: Pack) -> None:
    sound = [case for case in PRECHECKS if case.get("also", {}).get("eligible") == "eligible"]
    found = {(case["category"], case["stage"]) for case in sound}
    stages = [stage for stage in Stage if stage is not Stage.acceptance]
    assert found == {(leaf.id, str(stage)) for leaf in qz.leaves for stage in stages}


@pytest.mark.parametrize(
    "case", [case for case in PRECHECKS if case["id"].startswith("whole/")], ids=lambda case: case["id"]
)
def test_less_knowledge_never_helps(qz: Pack, case: dict[str, Any]) -> None:
    """Removing one fact turns no fail or unknown into a pass, and no pass into a fail."""
    full = {finding.rule: finding.outcome for finding in run(qz, case).findings}
    for group, facts in case["facts"].items():
        for name in facts:
            less = case | {"facts": case["facts"] | {group: {k: v for k, v in facts.items() if k != name}}}
            for finding in run(qz, less).findings:
                before = full[finding.rule]
                if finding.outcome is not before:
                    assert finding.outcome in {Outcome.unknown, Outcome.manual}, (name, finding.rule)
