"""Ranking of categories: what is missing, what is out of reach, and that knowing more never costs a place."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.guide.conftest import GUIDES, every_pack

from guide import Eligible, Outcome, Pack, flatten, load_pack
from guide.dictionary import dictionary
from guide.matching import Match, applied_for, match, ranked
from guide.model.base import parse_instant
from guide.reach import FIXED, OF_APPLICANT, Reach
from guide.window import Announced, call_window

CASES = Path(__file__).parent / "cases"
IN_WINDOW = parse_instant("2020-06-15T10:00:00+08:00")
SECOND = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def every() -> dict[str, Pack]:
    return {file.stem: load_pack(file.read_bytes()) for file in sorted(GUIDES.glob("*.yaml"))}


def of(pack: Pack, category: str, facts: Mapping[str, Any], at: datetime = IN_WINDOW) -> Match:
    return match(pack, category, at, facts, "en")


def questions(pack: Pack) -> list[tuple[str, datetime, dict[str, Any]]]:
    """(category, as of, flat facts) of the golden cases of submission."""
    found = []
    for file in sorted(CASES.glob(f"{pack.id}*.json")):
        for case in orjson.loads(file.read_bytes()):
            stage = case.get("stage", "submission")
            if "facts" in case and stage == "submission" and pack.is_leaf(case.get("category", "")):
                found.append(
                    (case["category"], parse_instant(case["as_of"]), flatten(case["facts"], pack.facts))
                )
    return found


def test_fixed_facts_are_facts() -> None:
    known = dictionary().declarable
    assert known.keys() >= FIXED
    assert all(known[name].owner in OF_APPLICANT for name in FIXED)


@pytest.mark.parametrize(
    ("shift", "state"),
    [(-SECOND, "not_open_yet"), (timedelta(0), "open"), (SECOND, "open")],
)
def test_window_at_its_opening(every: dict[str, Pack], shift: timedelta, state: str) -> None:
    opens = every["qz-2020"].call.open_at
    assert opens is not None
    assert call_window(every["qz-2020"]).state(opens + shift) == state


@pytest.mark.parametrize(("shift", "state"), [(-SECOND, "open"), (timedelta(0), "open"), (SECOND, "closed")])
def test_window_at_its_close(every: dict[str, Pack], shift: timedelta, state: str) -> None:
    """What arrives at 17:00:00.000 is in time (trap 9), unless the pack reads its last instant otherwise."""
    closes = every["qz-2020"].call.close_at
    assert closes is not None
    assert call_window(every["qz-2020"]).state(closes + shift) == state


def test_a_last_instant_may_be_read_as_too_late() -> None:
    text = (GUIDES / "qz-2020.yaml").read_text(encoding="utf-8")
    at = text.index(".close_inclusive")
    default = text.index("default: true", at)
    exclusive = load_pack(text[:default] + "default: false" + text[default + len("default: true") :])
    closes = exclusive.call.close_at
    assert closes is not None
    assert call_window(exclusive).state(closes) == "closed"
    assert call_window(exclusive).state(closes - SECOND) == "open"


def test_a_silent_guide_says_nothing_until_the_bureaus_word_is_known(every: dict[str, Pack]) -> None:
    window = call_window(every["gl-2019"])
    assert (window.open_at, window.close_at, window.state(IN_WINDOW)) == (None, None, "not_stated")
    assert window.receives(IN_WINDOW)


@pytest.mark.parametrize(
    ("opens", "closes", "state"),
    [
        (None, None, "not_announced"),
        (None, SECOND, "not_announced"),
        (SECOND, None, "not_open_yet"),
        (-SECOND, None, "open"),
        (-SECOND, SECOND, "open"),
        (-2 * SECOND, -SECOND, "closed"),
    ],
)
def test_a_silent_guide_with_its_bureaus_word(
    every: dict[str, Pack], opens: timedelta | None, closes: timedelta | None, state: str
) -> None:
    said = Announced(opens and IN_WINDOW + opens, closes and IN_WINDOW + closes)
    window = call_window(every["gl-2019"], said)
    assert window.state(IN_WINDOW) == state
    assert window.receives(IN_WINDOW) is (state == "open")


def test_categories_that_nobody_applies_for_are_left_out(every: dict[str, Pack]) -> None:
    """Hengyang grants one category directly, to agreements that were signed the year before."""
    asked = {leaf.id for pack in every.values() for leaf in applied_for(pack)}
    left_out = {leaf.id for pack in every.values() for leaf in pack.leaves} - asked
    assert left_out == {"hy21-transfer-signed2020"}


def test_the_nearest_remedy_stands_first(every: dict[str, Pack]) -> None:
    pack, at = every["qz-2020"], IN_WINDOW
    near = of(pack, "qz20-major", {"budget.rd_total": 2_700_000}, at)
    far = of(pack, "qz20-major", {"budget.rd_total": 300_000}, at)
    never = of(pack, "qz20-major", {"budget.rd_total": 3_000_000, "blacklist.listed": True}, at)
    assert [one.evaluation.eligible for one in (near, far, never)] == [Eligible.not_eligible] * 3
    assert [one.total_shortfall for one in (near, far)] == [Fraction(1, 10), Fraction(9, 10)]
    assert (near.failures[0].reach, never.failures[0].reach) == (Reach.application, Reach.nobody)
    assert list(ranked([never, far, near])) == [near, far, never]
    assert near.why("en") == "not met: 1; the largest gap is 10%"
    assert near.failures[0].finding.remedy == "the budgeted R&D investment falls short by 300,000 yuan"


def test_groups_come_first_then_what_is_missing_about_the_applicant(every: dict[str, Pack]) -> None:
    found = ranked(of(pack, leaf.id, {}) for pack in every.values() for leaf in pack.leaves)
    keys = [one.order() for one in found]
    assert keys == sorted(keys)
    assert len(found) == sum(len(pack.leaves) for pack in every.values())
    for one in found:
        assert set(one.lacking) == {*one.about_applicant, *one.about_application, *one.about_others}
        assert len(one.lacking) == sum(
            map(len, (one.about_applicant, one.about_application, one.about_others))
        )


def test_equals_keep_the_order_of_guide_and_pack(every: dict[str, Pack]) -> None:
    found = [of(every["hy-2021"], leaf.id, {}) for leaf in every["hy-2021"].leaves]
    equal = [one for one in found if one.order() == found[0].order()]
    assert len(equal) > 1
    assert list(ranked(reversed(equal))) == equal


@every_pack
def test_every_failure_has_a_clause_and_a_reach(every: dict[str, Pack], name: str) -> None:
    pack, seen = every[name], set[Reach]()
    for category, at, facts in questions(pack):
        one = of(pack, category, facts, at)
        for failure in one.failures:
            assert failure.finding.clause.lines
            assert 0 < failure.shortfall <= 1
            seen.add(failure.reach)
        assert bool(one.failures) == (one.evaluation.eligible is Eligible.not_eligible)
    assert Reach.application in seen


@every_pack
def test_adding_a_true_fact_never_lowers(every: dict[str, Pack], name: str) -> None:
    """Of an applicant who is eligible in the end: whatever part of it is known, nothing refuses; every
    further fact leaves as many rules open or fewer, and never takes a verdict back."""
    pack = every[name]
    sound = [
        one for one in questions(pack) if of(pack, one[0], one[2], one[1]).evaluation.eligible == "eligible"
    ]
    assert sound

    @settings(deadline=None, max_examples=60)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        category, at, facts = data.draw(st.sampled_from(sound))
        more = data.draw(st.sets(st.sampled_from(sorted(facts))))
        less = data.draw(st.sets(st.sampled_from(sorted(more)))) if more else set()
        few = of(pack, category, {fact: facts[fact] for fact in less}, at)
        many = of(pack, category, {fact: facts[fact] for fact in more}, at)
        assert not few.failures
        assert many.order()[0] <= few.order()[0]
        assert len(many.open) <= len(few.open)
        assert {one.rule for one in many.open} <= {one.rule for one in few.open}

    check()


@every_pack
def test_what_is_asked_for_can_be_answered(every: dict[str, Pack], name: str) -> None:
    """Nothing that the pack itself supplies is ever asked for."""
    pack = every[name]
    for leaf in pack.leaves:
        one = of(pack, leaf.id, {})
        assert not set(one.lacking) & pack.constants[leaf.id].keys()
        assert all(finding.outcome is Outcome.manual for finding in one.for_person)
