"""What the findings of the golden cases say: the clause, what would turn a fail into a pass and how far that
is, in whole sentences of both languages."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.guide.conftest import every_pack
from tests.guide.test_golden import PRECHECKS

from guide import Finding, Lang, Outcome, Pack, answer, nest
from guide.constructs.lists import Count, Sum
from guide.golden import Case
from guide.nesting import flatten
from guide.yaml_reader import read_yaml

NUMBERS = {"int", "money", "percent", "decimal", "date", "instant"}
WITHOUT: dict[str, str] = read_yaml((Path(__file__).parent / "cases" / "no_distance.yaml").read_text())[0]
"""Rules that read numbers and also fail for another reason, which has no distance: that reason."""


def fails(pack: Pack) -> Iterator[tuple[Case, Finding]]:
    """Every fail of the pack's golden cases that is no mere preference."""
    for case in PRECHECKS:
        if case.guide == pack.id:
            for finding in answer(pack, case.request(pack)).findings:
                if finding.outcome is Outcome.fail and finding.effect != "priority":
                    yield case, finding


def reads_numbers(pack: Pack, rule: str) -> bool:
    nodes = [node for _, node in pack.rules[rule].require.walk()]
    expressions = [text for node in nodes for _, text in node.conditions()]
    counts = any(isinstance(node, Count | Sum) for node in nodes) or any(
        "size(" in one for one in expressions
    )
    return counts or any(pack.facts[fact].type in NUMBERS for fact in pack.rule_facts[rule])


@every_pack
def test_every_fail_says_what_would_help_and_how_far_it_is(packs: Mapping[str, Pack], name: str) -> None:
    pack = packs[name]
    without = set()
    for case, finding in fails(pack):
        assert finding.remedy, (case.id, finding.rule)
        if finding.gap is None and reads_numbers(pack, finding.rule):
            without.add(finding.rule)
        if finding.gap is not None:
            assert Decimal(str(finding.gap["value"])) > 0, (case.id, finding.rule)
    assert without == {rule for rule in WITHOUT if rule in pack.rules}


@every_pack
def test_the_distance_is_exact(packs: Mapping[str, Pack], name: str) -> None:
    """The named fact moved by the distance ends the fail; moved by one less it does not reach the pass."""
    pack, moved = packs[name], 0
    for case, finding in fails(pack):
        gap = finding.gap
        sent = flatten(case.facts, pack.facts)
        if gap is None or pack.facts[gap["fact"]].type not in NUMBERS or gap["fact"] not in sent:
            continue
        if gap["unit"] == "years" and pack.facts[gap["fact"]].type == "date":
            continue  # an age in completed years is no day of birth
        moved += 1
        assert any(ends_there(pack, case, finding, sent, way) for way in (1, -1)), (case.id, finding.remedy)
    assert moved > 20


def ends_there(pack: Pack, case: Case, finding: Finding, sent: Mapping[str, Any], way: int) -> bool:
    assert finding.gap is not None
    fact, distance = finding.gap["fact"], Decimal(str(finding.gap["value"]))
    step = Decimal("1e-12") if pack.facts[fact].type in {"percent", "decimal"} else Decimal(1)

    def at(by: Decimal) -> Outcome:
        facts = nest({**sent, fact: shifted(pack.facts[fact].type, sent[fact], by)})
        request = case.model_copy(update={"facts": facts}).request(pack)
        return answer(pack, request).finding(finding.rule).outcome

    here, before = at(way * distance), at(way * (distance - step))
    return here is not Outcome.fail and before is not Outcome.passed


def shifted(kind: str, value: Any, by: Decimal) -> Any:
    if kind == "date":
        return (date.fromisoformat(value) + timedelta(days=int(by))).isoformat()
    if kind == "instant":
        return (datetime.fromisoformat(value) + timedelta(milliseconds=int(by))).isoformat()
    return str(Decimal(value) + by) if kind in {"percent", "decimal"} else value + int(by)


CODE = re.compile(r"[{}]|\b[a-z]+_[a-z_]+\b|\b[a-z]+\.[a-z]+_?[a-z]+\b|\[\]|None")


@every_pack
@pytest.mark.parametrize("lang", list(Lang))
def test_findings_are_written_in_words(packs: Mapping[str, Pack], name: str, lang: Lang) -> None:
    """No place-holder left open, no name of a fact, token or interpretation where there is a label."""
    pack = packs[name]
    said: dict[str, str] = defaultdict(str)
    for case in PRECHECKS:
        if case.guide != name:
            continue
        evaluation = answer(pack, case.model_copy(update={"lang": lang}).request(pack))
        for finding in map(evaluation.finding, (one.rule for one in case.expect)):
            for text in (finding.message, finding.remedy or ""):
                said[text] = case.id
            clause = finding.clause
            assert clause.document in pack.sources
            assert all((clause.section, clause.lines, clause.text_zh, clause.text_en))
    assert {text: case for text, case in said.items() if CODE.search(text)} == {}
    assert len(said) > 200
