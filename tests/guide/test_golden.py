"""The golden cases of every pack: data that a domain expert can read, run as prechecks.

`cases/<pack>*.json` holds them, in as many files as read well. Whether they are enough is for `test_reach.py`
(outcomes and owners of each rule) and `test_mutants.py` (every sign of it).
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.guide.conftest import INVENTORY, every_pack

from guide import Case, Outcome, Pack, Stage, answer, mismatches, read_cases

HERE = Path(__file__).parent
FILES = sorted((HERE / "cases").glob("*.json"))
CASES: list[dict[str, Any]] = [case for file in FILES for case in json.loads(file.read_text())]
PRECHECKS: list[Case] = [Case.model_validate(case) for case in CASES if "kind" not in case]
every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))


@every_file
def test_every_case_of_a_file(packs: Mapping[str, Pack], file: Path) -> None:
    cases, _ = read_cases(file.read_text())
    assert cases
    assert [problem for case in cases.values() for problem in mismatches(packs[str(case.guide)], case)] == []


@every_pack
def test_every_finding_is_whole(packs: Mapping[str, Pack], name: str) -> None:
    """Each rule of the category has a finding with its clause; an open one says what it lacks."""
    pack = packs[name]
    for case in PRECHECKS:
        if case.guide != name:
            continue
        findings = answer(pack, case.request(pack)).findings
        assert [one.rule for one in findings] == [rule.id for rule in pack.rules_for(case.category)]
        for finding in findings:
            assert finding.clause.id in pack.clauses
            assert finding.message
            if finding.outcome in {Outcome.passed, Outcome.not_applicable}:
                assert finding.missing == ()
            if finding.outcome is Outcome.unknown:
                assert finding.missing, (case.id, finding.rule)


def test_no_case_stands_twice() -> None:
    ids = [(case.get("guide"), case["id"]) for case in CASES]
    assert len(ids) == len(set(ids))


@every_pack
def test_every_trap_has_a_case(name: str) -> None:
    named = {
        int(number)
        for case in CASES
        if case.get("guide") == name
        for number in re.findall(r"\btrap (\d+)", f"{case['title']} {case.get('why', '')}")
    }
    assert set(INVENTORY[name]["traps"]) - named == set()


OF_THE_WORK_PROGRAMME = {36, 37, 38}
"""Traps of a document that is no call and has no rules."""
HELD_BY_TESTS = {
    50: "intake/awards/test_grant.py",
    58: "eligibility/assessments/test_taking.py",
    71: "eligibility/assessments/test_taking.py",
}
"""Traps that no single question to a pack shows, and the tests that name them."""


def test_every_trap_is_held_somewhere() -> None:
    listed = {trap for of_pack in INVENTORY.values() for trap in of_pack["traps"]}
    assert listed | HELD_BY_TESTS.keys() | OF_THE_WORK_PROGRAMME == set(range(1, 74))
    for trap, file in HELD_BY_TESTS.items():
        assert f"Trap {trap}:" in (Path(__file__).parents[1] / file).read_text(encoding="utf-8")


@every_pack
def test_a_sound_applicant_is_eligible_at_every_stage(packs: Mapping[str, Pack], name: str) -> None:
    sound = [case for case in PRECHECKS if case.also.eligible == "eligible"]
    found = {(case.category, str(case.stage)) for case in sound if case.guide == name}
    stages = [stage for stage in Stage if stage is not Stage.acceptance]
    assert found >= {(leaf.id, str(stage)) for leaf in packs[name].leaves for stage in stages}
