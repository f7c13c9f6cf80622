"""A replay says what judging anew with the draft says, whatever it leaves out on the way."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest
from tests.eligibility.impact.drafts import (
    PACKS,
    Change,
    Json,
    assessments,
    changed,
    loaded,
    questions,
    rule,
    stored,
    text_of,
)

from common.clock import parse_instant
from common.ids import new_id
from eligibility.impact.replay import Draft, Looked, Page, Tally, look, replay
from eligibility.judging.deciding import Decided, Fact
from eligibility.judging.service import Judgement, judge
from guide import load_pack
from guide.sameness import same_rules

PLANTED = {"qz-2020": "QZ-4-2", "hy-2021": "HY-IUR-05", "gl-2019": "GL-07-1", "lz-2022": "LZ-MAJ-02"}


def nothing(_data: Json) -> None:
    """A draft that means the same."""


def planted(name: str) -> Change:
    """One rule that nobody passes any more."""

    def change(data: Json) -> None:
        one = rule(data, PLANTED[name])
        one.pop("guard", None)
        one["require"] = "fail"

    return change


def shorter(name: str) -> Change:
    """One rule less."""
    return lambda data: data["rules"].remove(rule(data, PLANTED[name]))


def softer(name: str) -> Change:
    """Nothing is a reason to refuse any more but this one."""

    def change(data: Json) -> None:
        for one in data["rules"]:
            if one["id"] != PLANTED[name]:
                one["effect"] = "priority"

    return change


def closed(_name: str) -> Change:
    """A window that lies elsewhere: what no rule says, and rules may read."""

    def change(data: Json) -> None:
        window = data["call"].get("window") or {"clause": data["clauses"][0]["id"]}
        ends = {"open_at": "2001-01-01T00:00:00+08:00", "close_at": "2001-02-01T00:00:00+08:00"}
        data["call"]["window"] = window | ends

    return change


CHANGES = {
    "nothing": lambda _: nothing,
    "planted": planted,
    "shorter": shorter,
    "softer": softer,
    "closed": closed,
}


def anew(draft: str, one: Any, known: list[Fact], away: list[str]) -> Judgement:
    return judge(
        loaded(draft),
        category=one.category,
        stage=one.stage,
        as_of=one.as_of,
        facts=[fact for fact in known if fact.name in loaded(draft).names.shapes],
        unavailable=away,
    )


def told(page: Page) -> dict[str, Json]:
    return {line["assessment_id"]: line for line in map(orjson.loads, page.lines.splitlines())}


@pytest.mark.parametrize("earlier_known", [True, False])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", PACKS)
def test_says_what_judging_anew_says(name: str, change: str, earlier_known: bool) -> None:
    draft = changed(name, CHANGES[change](name))
    version = loaded(text_of(name)).version
    found = list(assessments(name, 150, seed=7))
    page = replay(
        Draft(draft, "zh", {version: text_of(name)} if earlier_known else {}), [one for one, _, _ in found]
    )
    lines, rules, verdicts = told(page), Counter[Any](), Counter[Any]()
    for one, before, known in found:
        after = anew(draft, one, known, orjson.loads(one.unavailable))
        verdicts[before.eligible, after.eligible] += 1
        was = {row["rule"]: row["outcome"] for row in before.findings}
        now = {row["rule"]: row["outcome"] for row in after.findings}
        differing = {
            rule: (was.get(rule), now.get(rule)) for rule in was | now if was.get(rule) != now.get(rule)
        }
        rules.update((rule, *pair) for rule, pair in differing.items())
        line = lines.pop(one.id, None)
        moved = (before.eligible, before.decision.decision) != (after.eligible, after.decision.decision)
        assert (line is not None) == moved
        if line is not None:
            assert line["eligible"] == {"before": before.eligible, "after": after.eligible}
            assert line["decision"]["after"] == after.decision.decision
            assert {row["rule"]: (row["before"], row["after"]) for row in line["rules"]} == differing
    assert not lines
    assert page.tally.rules == rules
    assert page.tally.verdicts == verdicts
    if change == "nothing":
        assert not rules
    if change == "planted":
        assert page.tally.totals["changed"] > 0
        assert {rule for rule, _, _ in rules} == {PLANTED[name]}


@pytest.mark.parametrize("name", PACKS)
def test_one_changed_rule_leaves_the_others_as_they_were(name: str) -> None:
    old, new = loaded(text_of(name)), load_pack(changed(name, planted(name)))
    for leaf in new.leaves:
        rules = {one.id for one in new.rules_for(leaf.id)}
        assert same_rules(old, new, leaf.id) == rules - {PLANTED[name]}


@pytest.mark.parametrize("name", PACKS)
def test_another_window_may_change_every_rule(name: str) -> None:
    old, new = loaded(text_of(name)), load_pack(changed(name, closed(name)))
    assert all(not same_rules(old, new, leaf.id) for leaf in new.leaves)


def said(**stated: Any) -> Decided:
    """A person's word on Lanzhou's clause on revenue, in principle 30 million yuan."""
    values = {"facts": None, "outcome": None, **stated}
    at = parse_instant("2022-03-10T09:00:00+08:00")
    return Decided(new_id(), PLANTED["lz-2022"], **values, reason="已核", evidence=[], by="o", at=at)


@pytest.mark.parametrize("earlier_known", [True, False])
@pytest.mark.parametrize(("word", "outcome"), [("granted", "pass"), ("refused", "fail")])
def test_a_word_on_an_exception_stands_where_nothing_changed(
    word: str, outcome: str, earlier_known: bool
) -> None:
    name, category, at = "lz-2022", "lz22-major-industry", parse_instant("2022-03-20T09:00:00+08:00")
    pack, word_on_it = loaded(text_of(name)), said(facts={"exception.decision": word})
    stated = {"lead.type": "enterprise", "applicant.revenue_2021": 29_999_999}
    judgement = judge(
        pack,
        category=category,
        stage="formal_review",
        as_of=at,
        facts=[Fact(fact, value, "form", at, 1) for fact, value in stated.items()],
        decisions=[word_on_it],
    )
    now = {row["rule"]: row["outcome"] for row in judgement.findings}
    assert now[PLANTED[name]] == outcome
    one = stored(pack, category, "formal_review", at, judgement, [])._replace(decided=(word_on_it,))
    earlier = {pack.version: text_of(name)} if earlier_known else {}
    tally = replay(Draft(changed(name, nothing), "zh", earlier), [one]).tally
    assert tally.rules == Counter()
    assert tally.totals["replayed"] == 1


def test_a_decided_fact_stands_where_nothing_changed() -> None:
    """On a rule that reads the reviewer's fact, the word is a fact for all rules that read it."""
    name, category, at = "gl-2019", "gl19-16-sdg-zone", parse_instant("2019-07-02T09:00:00+08:00")
    pack = loaded(text_of(name))
    word = replace(
        said(facts={"project.eco_industry_ok": True}),
        rule="GL-16-1",
        at=parse_instant("2019-07-01T09:00:00+08:00"),
    )
    facts = [Fact("lead.type", "enterprise"), Fact("project.eco_industry", True)]
    judgement = judge(pack, category=category, stage="formal_review", as_of=at, facts=facts, decisions=[word])
    one = stored(pack, category, "formal_review", at, judgement, [])
    draft = Draft(changed(name, nothing), "zh", {})
    assert replay(draft, [one._replace(decided=(word,))]).tally.rules == Counter()


def test_a_person_decides_again() -> None:
    """A soft clause that a person granted stays granted; what the draft newly leaves to people is open."""
    name = "lz-2022"
    category, stage, as_of, facts = next(one for one in questions(name) if one[0].startswith("lz22-major"))
    pack = loaded(text_of(name))
    known = [Fact(fact, value, "form", as_of, 1) for fact, value in facts.items()]
    judgement = judge(pack, category=category, stage=stage, as_of=as_of, facts=known)
    one = stored(pack, category, stage, as_of, judgement, [])

    def for_people(data: Json) -> None:
        row = rule(data, PLANTED[name])
        row.pop("guard", None)
        row["require"] = "manual"

    draft = Draft(changed(name, for_people), "zh", {pack.version: text_of(name)})
    opened = replay(draft, [one]).tally.rules
    granted = replay(draft, [one._replace(decided=(said(outcome="pass"),))]).tally.rules
    refused = replay(draft, [one._replace(decided=(said(outcome="fail"),))]).tally.rules
    assert [after for _, _, after in opened] == ["manual"] or not opened
    assert all(after == "pass" for _, _, after in granted)
    assert [after for _, _, after in refused] == ["fail"]


def test_a_category_that_is_gone_is_told() -> None:
    draft = changed("hy-2021", nothing).replace('"hy21-basic"', '"hy21-basics"')
    found = [one for one, _, _ in assessments("hy-2021", 200, seed=3)]
    page = replay(Draft(draft, "zh", {}), found)
    gone = [one for one in found if one.category == "hy21-basic"]
    lines = [line for line in told(page).values() if line.get("reason") == "category_gone"]
    assert len(gone) == len(lines) > 0
    assert page.tally.categories["hy21-basic", "not_judged"] == len(gone)


def test_facts_that_the_draft_refuses_are_named() -> None:
    """A unit of a kind that the draft no longer knows."""
    ((one, _, _),) = [
        found for found in assessments("qz-2020", 60, seed=5) if found[0].category == "qz20-rd"
    ][:1]
    facts = orjson.dumps([{"name": "applicant.type", "value": "guild"}]).decode()
    page = replay(Draft(text_of("qz-2020"), "zh", {}), [one._replace(facts=facts)])
    (line,) = told(page).values()
    assert (line["reason"], line["facts"]) == ("facts_refused", ["applicant.type"])


def test_looking_at_a_draft() -> None:
    found = look(text_of("gl-2019"))
    assert isinstance(found, Looked)
    assert (found.guide, found.city) == ("gl-2019", "450300")
    problems = look("format: 1\nid: x\n")
    assert isinstance(problems, list)
    assert problems


def test_pages_add_up() -> None:
    found = [one for one, _, _ in assessments("hy-2021", 90, seed=11)]
    draft = Draft(changed("hy-2021", planted("hy-2021")), "zh", {})
    whole, parts = replay(draft, found).tally, Tally()
    for start in range(0, 90, 30):
        parts.add(replay(draft, found[start : start + 30]).tally)
    assert parts == whole


def test_missing_facts_are_counted() -> None:
    """The draft asks for what nobody stated."""

    def asking(data: Json) -> None:
        one = rule(data, PLANTED["qz-2020"])
        one["require"] = "budget.own_funds >= 1"

    found = [
        one for one, _, known in assessments("qz-2020", 150, seed=2) if not _states(known, "budget.own_funds")
    ]
    page = replay(Draft(changed("qz-2020", asking), "en", {}), found)
    opened: Mapping[Any, int] = {key: count for key, count in page.tally.rules.items() if key[2] == "unknown"}
    assert page.tally.missing["budget.own_funds"] == sum(opened.values()) > 0


def _states(known: list[Fact], name: str) -> bool:
    return any(fact.name == name for fact in known)
