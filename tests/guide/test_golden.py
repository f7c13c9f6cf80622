"""The golden cases of every pack: data that a domain expert can read, run as prechecks.

`cases/<pack>*.json` holds them, in as many files as read well. `cases/never.yaml` says of each rule which of
pass, fail and unknown it cannot reach, and why.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from guide import Evaluation, Outcome, Pack, Request, Stage, answer, check_request
from guide.yaml_reader import read_yaml

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in (HERE.parents[1] / "deploy" / "guides").glob("*.yaml"))
CASES: list[dict[str, Any]] = [
    case for file in sorted((HERE / "cases").glob("*.json")) for case in json.loads(file.read_text())
]
PRECHECKS = [case for case in CASES if "kind" not in case]
KEYS = ("guide", "category", "stage", "as_of", "facts", "interpretations", "unavailable", "lang")
NEVER: dict[str, dict[str, list[str]]] = read_yaml((HERE / "cases" / "never.yaml").read_text())[0]
INVENTORY: dict[str, Any] = read_yaml((HERE / "inventory.yaml").read_text())[0]

every_pack = pytest.mark.parametrize("name", NAMES)


def run(pack: Pack, case: dict[str, Any]) -> Evaluation:
    request = Request.model_validate({key: case[key] for key in KEYS if key in case})
    assert check_request(pack, request) == []
    return answer(pack, request)


@pytest.mark.parametrize("case", PRECHECKS, ids=lambda case: case["id"])
def test_case(packs: Mapping[str, Pack], case: dict[str, Any]) -> None:
    pack = packs[case["guide"]]
    evaluation = run(pack, case)
    got = {finding.rule: str(finding.outcome) for finding in evaluation.findings}
    for one in case["expect"]:
        assert got[one["rule"]] in one.get("outcome_in", [one.get("outcome")]), one["rule"]
        clause = evaluation.finding(one["rule"]).as_dict()["clause"]
        assert {key: clause[key] for key in one.get("clause", {})} == one.get("clause", {})
    also = case.get("also", {})
    assert evaluation.eligible == also.get("eligible", evaluation.eligible)
    assert evaluation.eligible != also.get("eligible_not")
    assert not set(also.get("rules_absent", ())) & set(got)
    assert list(got) == [rule.id for rule in pack.rules_for(case["category"])]
    for finding in evaluation.findings:
        assert finding.clause.id in pack.clauses
        assert finding.message
        if finding.outcome is Outcome.fail and finding.effect != "priority":
            assert finding.remedy, finding.rule
        if finding.outcome in {Outcome.passed, Outcome.not_applicable}:
            assert finding.missing == ()
        if finding.outcome is Outcome.unknown:
            assert finding.missing, finding.rule


def test_no_case_stands_twice() -> None:
    ids = [(case.get("guide"), case["id"]) for case in CASES]
    assert len(ids) == len(set(ids))


@every_pack
def test_every_rule_reaches_its_outcomes(packs: Mapping[str, Pack], name: str) -> None:
    reached: dict[str, set[str]] = {rule: set() for rule in packs[name].rules}
    for case in PRECHECKS:
        for one in case["expect"] if case["guide"] == name else ():
            reached[one["rule"]].add(one.get("outcome", ""))
    never = {rule: set(words["outcomes"]) for rule, words in NEVER.items()}
    lacking = {
        rule: {"pass", "fail", "unknown"} - outcomes - never.get(rule, set())
        for rule, outcomes in reached.items()
    }
    assert {rule: outcomes for rule, outcomes in lacking.items() if outcomes} == {}
    assert [rule for rule, outcomes in reached.items() if outcomes & never.get(rule, set())] == []


@every_pack
def test_every_trap_has_a_case(name: str) -> None:
    named = {
        int(number)
        for case in CASES
        if case.get("guide") == name
        for number in re.findall(r"\btrap (\d+)", f"{case['title']} {case.get('why', '')}")
    }
    assert set(INVENTORY[name]["traps"]) - named == set()


@every_pack
def test_a_sound_applicant_is_eligible_at_every_stage(packs: Mapping[str, Pack], name: str) -> None:
    sound = [case for case in PRECHECKS if case.get("also", {}).get("eligible") == "eligible"]
    found = {(case["category"], case["stage"]) for case in sound if case["guide"] == name}
    stages = [stage for stage in Stage if stage is not Stage.acceptance]
    assert found >= {(leaf.id, str(stage)) for leaf in packs[name].leaves for stage in stages}


@pytest.mark.parametrize(
    "case", [case for case in PRECHECKS if case["id"].startswith("whole/")], ids=lambda case: case["id"]
)
def test_less_knowledge_never_helps(packs: Mapping[str, Pack], case: dict[str, Any]) -> None:
    """Removing one fact turns no fail or unknown into a pass, and no pass into a fail."""
    pack = packs[case["guide"]]
    full = {finding.rule: finding.outcome for finding in run(pack, case).findings}
    for group, facts in case["facts"].items():
        for name in facts if isinstance(facts, dict) else ():
            less = case | {"facts": case["facts"] | {group: {k: v for k, v in facts.items() if k != name}}}
            for finding in run(pack, less).findings:
                before = full[finding.rule]
                if finding.outcome is not before:
                    assert finding.outcome in {Outcome.unknown, Outcome.manual}, (name, finding.rule)
