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
from tests.guide.conftest import INVENTORY, every_pack

from guide import Case, Outcome, Pack, Stage, answer, mismatches, read_cases
from guide.yaml_reader import read_yaml

HERE = Path(__file__).parent
FILES = [file.read_text() for file in sorted((HERE / "cases").glob("*.json"))]
CASES: list[dict[str, Any]] = [case for text in FILES for case in json.loads(text)]
PRECHECKS: list[Case] = [case for text in FILES for case in read_cases(text)[0].values()]
NEVER: dict[str, dict[str, list[str]]] = read_yaml((HERE / "cases" / "never.yaml").read_text())[0]


def by_id(case: Case) -> str:
    return case.id


@pytest.mark.parametrize("case", PRECHECKS, ids=by_id)
def test_case(packs: Mapping[str, Pack], case: Case) -> None:
    pack = packs[str(case.guide)]
    assert mismatches(pack, case) == []
    evaluation = answer(pack, case.request(pack))
    assert [one.rule for one in evaluation.findings] == [rule.id for rule in pack.rules_for(case.category)]
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
        for one in case.expect if case.guide == name else ():
            reached[one.rule].add(str(one.outcome))
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
    sound = [case for case in PRECHECKS if case.also.eligible == "eligible"]
    found = {(case.category, str(case.stage)) for case in sound if case.guide == name}
    stages = [stage for stage in Stage if stage is not Stage.acceptance]
    assert found >= {(leaf.id, str(stage)) for leaf in packs[name].leaves for stage in stages}


@pytest.mark.parametrize("case", [case for case in PRECHECKS if case.id.startswith("whole/")], ids=by_id)
def test_less_knowledge_never_helps(packs: Mapping[str, Pack], case: Case) -> None:
    """Removing one fact turns no fail or unknown into a pass, and no pass into a fail."""
    pack = packs[str(case.guide)]
    full = outcomes(pack, case)
    for group, facts in case.facts.items():
        for name in facts if isinstance(facts, dict) else ():
            less = {group: {key: value for key, value in facts.items() if key != name}}
            for rule, outcome in outcomes(pack, case.model_copy(update={"facts": case.facts | less})).items():
                if outcome is not full[rule]:
                    assert outcome in {Outcome.unknown, Outcome.manual}, (name, rule)


def outcomes(pack: Pack, case: Case) -> dict[str, Outcome]:
    return {finding.rule: finding.outcome for finding in answer(pack, case.request(pack)).findings}
