"""The golden cases hold every sign of every rule: a pack that differs in one place gives one of them another
answer.

Each comparison has a case at its figure and one beside it, each word of a list, each reading of an
interpretation, each part of an alternative one that turns on it. `cases/equal.yaml` names the differences
that make none, and why.
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.guide.conftest import GUIDES, every_pack
from tests.guide.mutants import Mutant, mutants
from tests.guide.test_golden import PRECHECKS

from guide import Outcome, Pack, load_pack
from guide.case import Case
from guide.cases import build_case
from guide.facts import unavailable_facts
from guide.model.base import parse_instant
from guide.plan import plan_of
from guide.readings import chosen_readings
from guide.yaml_reader import read_yaml

EQUAL: dict[str, dict[str, str]] = read_yaml((Path(__file__).parent / "cases" / "equal.yaml").read_text())[0]


class Asked(NamedTuple):
    case: Case
    expected: Outcome


def asked_of(pack: Pack) -> Mapping[str, list[Asked]]:
    """By rule the questions of the golden cases to it."""
    asked = defaultdict(list)
    for one in PRECHECKS:
        if one.guide == pack.id:
            chosen, _ = chosen_readings(pack, one.interpretations)
            away = unavailable_facts(pack, one.unavailable)
            instant = parse_instant(one.as_of)
            case = build_case(pack, one.category, one.stage, instant, one.facts, away, chosen)
            for expected in one.expect:
                asked[expected.rule].append(Asked(case, expected.outcome))
    return asked


def is_noticed(pack: Pack, asked: Mapping[str, list[Asked]], mutant: Mutant) -> bool:
    """Whether a golden case has another outcome with the mutant's rules."""
    for rule in mutant.rules:
        judge = plan_of(rule, pack.clauses[rule.clause], pack.runtime).judge
        if any(judge(one.case).outcome is not one.expected for one in asked[rule.id]):
            return True
    return False


@every_pack
def test_a_slip_of_the_pen_is_noticed(packs: Mapping[str, Pack], name: str) -> None:
    pack, data = packs[name], read_yaml((GUIDES / f"{name}.yaml").read_text())[0]
    asked = asked_of(pack)
    unnoticed: dict[str, set[str]] = defaultdict(set)
    for mutant in mutants(data):
        if not is_noticed(pack, asked, mutant):
            unnoticed[mutant.place].add(mutant.change)
    assert unnoticed == {place: set(changes) for place, changes in EQUAL.get(name, {}).items()}


def test_every_kind_of_slip_is_tried(qz_data: dict[str, Any]) -> None:
    tried = {f"{mutant.place} {mutant.change}" for mutant in mutants(qz_data)}
    assert tried >= {
        "QZ-4-2/require >= -> >",
        "QZ-4-2/require 3000000 -> 2999999",
        "QZ-4-4c/guard left out",
        "QZ-4-6c/from_stage left out",
        "QZ-PAT-01/require/all/1 left out",
        "QZ-SUB-03/require/table/cases/university fail",
        'QZ-SUB-01/require "330800" -> "999900"',
        "QZ-4-3f/require/all/1 the other answer",
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("require: budget.rd_total >= 3000000", "require: budget.rd_total > 3000000"),
        ("require: applicant.unaccepted_subsidised_count == 0", "require: pass"),
        ('"false": person.lead_count <= 1', '"false": person.lead_count <= 2'),
        ("- present: blacklist.checked_at", "- pass"),
    ],
)
def test_a_planted_slip_is_noticed(qz: Pack, qz_text: str, old: str, new: str) -> None:
    """As the test above does it, on the text of a pack."""
    assert qz_text.count(old) == 1
    spoiled = load_pack(qz_text.replace(old, new))
    changed = tuple(rule for name, rule in spoiled.rules.items() if rule != qz.rules[name])
    assert len(changed) == 1
    assert is_noticed(qz, asked_of(qz), Mutant("planted", new, changed))
