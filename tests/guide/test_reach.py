"""The golden cases reach what can be reached: each outcome of a rule, each owner that does not answer.

`cases/never.yaml` names the outcomes that a rule's parts could give and that it never has, and why.
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from tests.guide.conftest import every_pack
from tests.guide.reach import reachable
from tests.guide.test_golden import PRECHECKS

from guide import Outcome, Pack, answer
from guide.words import Owner
from guide.yaml_reader import read_yaml

NEVER: dict[str, dict[str, list[str]]] = read_yaml(
    (Path(__file__).parent / "cases" / "never.yaml").read_text()
)[0]
ONLY_ASKED_FOR = {"exception.reason"}
"""Facts that a finding asks for and on which no outcome turns."""


@every_pack
def test_every_outcome_that_a_rule_can_reach_has_a_case(packs: Mapping[str, Pack], name: str) -> None:
    pack = packs[name]
    reached: dict[str, set[Outcome]] = defaultdict(set)
    for case in PRECHECKS:
        for one in case.expect if case.guide == name else ():
            reached[one.rule].add(one.outcome)
    for rule in pack.rules.values():
        never = {Outcome(word) for word in NEVER.get(rule.id, {}).get("outcomes", ())}
        assert reached[rule.id] == reachable(pack, rule) - never, rule.id
        assert never <= reachable(pack, rule), rule.id


@every_pack
def test_every_owner_of_a_rules_facts_fails_to_answer_in_a_case(packs: Mapping[str, Pack], name: str) -> None:
    pack = packs[name]
    away: dict[str, set[Owner]] = defaultdict(set)
    for case in PRECHECKS:
        if case.guide == name and case.unavailable:
            found = answer(pack, case.request(pack))
            for one in case.expect:
                if one.outcome is Outcome.unknown:
                    away[one.rule] |= {pack.facts[fact].owner for fact in found.finding(one.rule).unavailable}
    for rule in pack.rules.values():
        asked = set(pack.rule_facts[rule.id]) - set(rule.cites) - ONLY_ASKED_FOR - pack.names.refused.keys()
        assert {pack.facts[fact].owner for fact in asked} - {Owner.call} <= away[rule.id], rule.id
