"""Less knowledge never helps, more never hurts a pass, and order does not matter: on the facts of the golden
cases, each of which says something that a rule turns on, and on what hypothesis makes of them."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.guide.conftest import GUIDES, every_pack
from tests.guide.test_golden import PRECHECKS
from tests.guide.test_properties import QUICK, valid

from guide import Case, Eligible, Outcome, Owner, Pack, Stage, check_facts, evaluate, load_pack, nest
from guide.nesting import flatten
from guide.yaml_reader import read_yaml

Facts = Mapping[str, Any]
JUDGED_LATER = {Owner.rev, Owner.clock}
"""Owners whose facts may overturn what stood without them: a person's word, and the instant of receipt."""
SAYS_SOMETHING_MISSING = {
    ("HY-IUR-07", "lead.type"): "who applies leads, unless another unit is named",
    ("HY-INT-01", "partners[].id"): "a partner that is not named is another unit than the applicant",
    ("HY-INT-02", "partners[].id"): "the same",
    ("HY-INT-03", "partners[].id"): "the same",
    ("HY-IUR-01", "partners[].id"): "the same",
    ("GL-10-3b", "sme.evaluation_year"): "an evaluation that is not yet known may still come within the year",
}
"""Facts that mean something while they are missing, by rule, and what (vocabulary of the guide's facts)."""


class Asked:
    """A question that is put again and again with other facts."""

    def __init__(self, pack: Pack, case: Case, stage: Stage | None = None) -> None:
        self.pack, self.case, self.stage = pack, case, stage or case.stage
        self.facts: Facts = flatten(case.facts, pack.facts)

    def answer(self, facts: Facts) -> tuple[Eligible, dict[str, Outcome]]:
        found = evaluate(
            self.pack,
            category=self.case.category,
            stage=self.stage,
            as_of=self.case.as_of,
            facts=nest(dict(facts)),
            interpretations=self.case.interpretations,
            unavailable=self.case.unavailable,
        )
        return found.eligible, {finding.rule: finding.outcome for finding in found.findings}

    def helped_by_less(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """(rule, fact) where the answer passes without the fact and did not with it."""
        _, full = self.answer(facts)
        for fact, less in without_one(facts):
            _, poorer = self.answer(less)
            owner = self.pack.facts[fact].owner if fact in self.pack.facts else None
            for rule, outcome in poorer.items():
                if (
                    outcome is Outcome.passed
                    and full[rule] is not Outcome.passed
                    and owner not in JUDGED_LATER
                ):
                    yield rule, fact


def without_one(facts: Facts) -> Iterator[tuple[str, Facts]]:
    """Each fact left out, and each key of each record (`partners[].type`)."""
    for name, value in facts.items():
        yield name, {other: one for other, one in facts.items() if other != name}
        for at, record in enumerate(value) if isinstance(value, list) else ():
            for key in record if isinstance(record, dict) else ():
                less = {other: one for other, one in record.items() if other != key}
                yield f"{name}[].{key}", {**facts, name: [*value[:at], less, *value[at + 1 :]]}


@cache
def cases_of(name: str) -> tuple[Case, ...]:
    return tuple(case for case in PRECHECKS if case.guide == name)


@every_pack
def test_no_golden_case_gets_better_by_knowing_less(packs: Mapping[str, Pack], name: str) -> None:
    found = set()
    for case in cases_of(name):
        asked = Asked(packs[name], case)
        found |= set(asked.helped_by_less(asked.facts))
    assert found <= SAYS_SOMETHING_MISSING.keys()


@every_pack
def test_nothing_near_a_golden_case_gets_better_by_knowing_less(packs: Mapping[str, Pack], name: str) -> None:
    """At any stage, with a few facts of the case changed or added."""
    pack, tried = packs[name], set[Stage]()

    @QUICK
    @given(st.data(), st.sampled_from(cases_of(name)), st.sampled_from(Stage))
    def check(data: st.DataObject, case: Case, stage: Stage) -> None:
        asked = Asked(pack, case, stage)
        sent = pack.names.shapes.keys() - pack.names.refused.keys()
        read = sorted({fact for plan in pack.plans_for(case.category) for fact in plan.facts} & sent)
        changed = data.draw(st.lists(st.sampled_from(read), min_size=1, max_size=3, unique=True))
        facts = {**asked.facts, **{fact: data.draw(valid(pack.names.shapes[fact])) for fact in changed}}
        if check_facts(pack, case.category, facts):
            return
        tried.add(stage)
        assert set(asked.helped_by_less(facts)) <= SAYS_SOMETHING_MISSING.keys()

    check()
    assert tried == set(Stage)


@pytest.mark.parametrize(
    ("fact", "condition"),
    [
        ("budget.rd_total", "budget.rd_total >= 3000000"),
        ("project.prior_establishment_count", "project.prior_establishment_count == 0"),
        ("blacklist.listed", "blacklist.listed == false"),
    ],
)
def test_a_planted_mistake_is_found(qz_text: str, fact: str, condition: str) -> None:
    """A fact that is missing is read as one that is sound."""
    assert len(re.findall(f"(?:- |require: ){condition}$", qz_text, re.M)) == 1
    unless = f"{{only_if: {{condition: {{present: {fact}, otherwise: fail}}, then: {condition}}}}}"
    mistaken = load_pack(
        re.sub(f"(- |require: ){condition}$", rf"\1{{all: [pass, {unless}]}}", qz_text, flags=re.M)
    )
    asked = [Asked(mistaken, case) for case in cases_of("qz-2020")]
    assert fact in {missing for one in asked for _, missing in one.helped_by_less(one.facts)}


def shuffled(part: Any, random: Random) -> Any:
    """A pack's data with its rules, their parts and all lists of things with ids in another order."""
    if isinstance(part, dict):
        return {key: in_disorder(key, shuffled(value, random), random) for key, value in part.items()}
    return [shuffled(one, random) for one in part] if isinstance(part, list) else part


def in_disorder(key: str, value: Any, random: Random) -> Any:
    """First matches, remedies and routes are ordered; all other lists of constructs and of ids are not."""
    ordered = isinstance(value, list) and (
        key in {"all", "any", "applies"} or all(isinstance(one, dict) and "id" in one for one in value)
    )
    return random.sample(value, len(value)) if ordered else value


def turned_round(facts: Facts) -> dict[str, Any]:
    return {name: value[::-1] if isinstance(value, list) else value for name, value in facts.items()}


def differences(pack: Pack, other: Pack) -> list[str]:
    """Golden cases to which another pack gives another answer, their lists turned round."""
    found = []
    for case in cases_of(pack.id):
        asked = Asked(pack, case)
        if asked.answer(asked.facts) != Asked(other, case).answer(turned_round(asked.facts)):
            found.append(case.id)
    return found


@every_pack
@pytest.mark.parametrize("seed", [1, 2])
def test_order_does_not_matter(packs: Mapping[str, Pack], name: str, seed: int) -> None:
    data = read_yaml((GUIDES / f"{name}.yaml").read_text())[0]
    turned = load_pack(json.dumps(shuffled(data, Random(seed)), ensure_ascii=False))
    assert list(turned.rules) != list(packs[name].rules)
    assert differences(packs[name], turned) == []


def test_an_order_that_matters_is_noticed(qz: Pack, qz_text: str) -> None:
    """A first match in place of alternatives: the first part decides alone."""
    old = "        - patent.prior_listing_count == 0\n        - patent.never_listed_declared\n"
    assert qz_text.count(old) == 1
    alone = "{when: patent.prior_listing_count == 0, then: pass}"
    first = f"        - {{first_match: {{cases: [{alone}], otherwise: fail}}}}\n"
    assert differences(qz, load_pack(qz_text.replace(old, first))) != []
