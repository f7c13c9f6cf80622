"""The officer's page: the whole guide, each rule once, what is open at the end, cases with what came out."""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from tests.guide.conftest import ROOT, every_pack

from common import pages
from guide import CasesRefused, Lang, Pack, load_pack
from guide.review import Review, review
from guide.review.cases import MOST_CASES
from guide.review.clauses import ClauseEntry

Packs = Mapping[str, Pack]
Data = dict[str, Any]


def clauses(shown: Review) -> Iterator[ClauseEntry]:
    return (clause for source in shown.sources for clause in source.clauses)


def clause(shown: Review, name: str) -> ClauseEntry:
    return next(one for one in clauses(shown) if one.id == name)


def points(shown: Review, title: str) -> list[str]:
    return [point.text for kind in shown.open_points if kind.title == title for point in kind.points]


def cases_of(name: str) -> list[bytes]:
    return [file.read_bytes() for file in sorted((ROOT / "tests/guide/cases").glob(f"{name}*.json"))]


@every_pack
@pytest.mark.parametrize("lang", Lang)
def test_everything_of_a_pack_stands_on_its_page(packs: Packs, name: str, lang: Lang) -> None:
    pack, shown = packs[name], review(packs[name], lang)
    assert sorted(one.id for one in clauses(shown)) == sorted(pack.clauses)
    rules = [rule.id for one in clauses(shown) for rule in one.rules]
    assert sorted(rules) == sorted(pack.rules)  # each once
    assert all(rule.id in pack.rules for one in clauses(shown) for rule in one.rules)
    entries = {entry.id for one in clauses(shown) for entry in one.entries} | {one.id for one in shown.own}
    expected = {one.id for one in (*pack.categories, *pack.papers, *pack.document.materials)}
    expected |= {*pack.topics, *pack.interpretations, *pack.offices, *(one.rule for one in pack.obligations)}
    assert expected <= entries
    html = pages.render("guide", "review.html", lang, review=shown)
    assert [rule for rule in pack.rules if f'id="rule-{rule}"' not in html] == []
    assert [one for one in pack.clauses if f'id="clause-{one}"' not in html] == []
    targets = set(html.split('href="#')[1:])
    assert [to for to in (one.partition('"')[0] for one in targets) if f'id="{to}"' not in html] == []


@every_pack
def test_clauses_stand_as_the_guide_reads(packs: Packs, name: str) -> None:
    for source in review(packs[name], Lang.zh).sources:
        first = [int(one.lines.partition("-")[0]) for one in source.clauses]
        assert first == sorted(first)


def test_a_clause_that_other_categories_cite_refers_to_the_rule(packs: Packs) -> None:
    shown = review(packs["gl-2019"], Lang.en)
    cited = clause(shown, "gl19/2-terms")
    assert [one.rule for one in cited.references] == [f"GL-G-0{number}" for number in range(1, 6)]
    assert {one.categories for one in cited.references} == {packs["gl-2019"].leaf("gl19-02-pharma").name_en}


def test_a_clause_on_which_nothing_hangs_says_so(qz_data: Data) -> None:
    data = copy.deepcopy(qz_data)
    idle = {"id": "qz20-notice/idle", "document": "qz20-notice", "section": "末", "lines": "36"}
    data["clauses"].append({**idle, "text_zh": "空话", "text_en": "idle words"})
    shown = review(load_pack(json.dumps(data, ensure_ascii=False)), Lang.en)
    assert clause(shown, "qz20-notice/idle").carries_nothing
    assert not clause(shown, "qz20-notice/4-2").carries_nothing
    html = pages.render("guide", "review.html", "en", review=shown)
    assert "Nothing hangs on this clause." in html.partition('id="clause-qz20-notice/idle"')[2][:600]


def test_a_rule_in_words_beside_its_figures(qz: Pack) -> None:
    (rule,) = clause(review(qz, Lang.en), "qz20-notice/4-2").rules
    assert (rule.id, rule.other_title) == ("QZ-4-2", qz.rules["QZ-4-2"].title_zh)
    assert rule.require.text == "budgeted R&D investment ≥ 3,000,000 yuan"
    assert rule.require.expression == "budget.rd_total >= 3000000"
    assert dict(rule.rows)["a fail"] == "fails the formal review"
    assert dict(rule.rows)["due"] == "submission"
    assert rule.remedies == (qz.rules["QZ-4-2"].remedies[0].en.replace("{gap}", "[the distance]"),)
    assert "qz.cap_50_scope" in next(
        one.readings for one in clause(review(qz, Lang.zh), "qz20-notice/1-1").rules if one.id == "QZ-CAP-01"
    )


def test_places_are_added_up(qz: Pack) -> None:
    assert [(one.total, one.sum) for one in review(qz, Lang.zh).places] == [(14, 14), (90, 90), (16, 16)]


@every_pack
def test_open_points_name_what_the_bureau_has_to_settle(packs: Packs, name: str) -> None:
    pack, shown = packs[name], review(packs[name], Lang.en)
    unconfirmed = points(shown, "interpretations that nobody has confirmed")
    wanted = [one.id for one in pack.interpretations.values() if one.confirmed is None and one.derived]
    assert [text.partition(":")[0] for text in unconfirmed] == wanted
    silences = points(shown, "where the guide is silent")
    window = pack.call.window
    assert ("when the call closes" in silences) is (window is None or window.close_at is None)
    assert ("days of public notice" in silences) is (pack.life_cycle.notice_days is None)
    manual = [leaf.name_en for leaf in pack.leaves if leaf.manual_route]
    assert points(shown, "categories that a person routes") == manual
    soft = [rule.id for rule in pack.rules.values() if rule.strength == "soft"]
    assert [text.split()[0] for text in points(shown, "conditions in principle")] == soft


def test_what_is_settled_is_no_open_point(qz_data: Data) -> None:
    data = copy.deepcopy(qz_data)
    one = data["interpretations"][0]
    value = one["values"][0]["value"]
    one["confirmed"] = {"value": value, "by": "业务处", "at": "2020-05-20T09:00:00+08:00"}
    shown = review(load_pack(json.dumps(data, ensure_ascii=False)), Lang.en)
    left = points(shown, "interpretations that nobody has confirmed")
    assert not any(text.startswith(f"{one['id']}:") for text in left)
    entry = next(e for c in clauses(shown) for e in c.entries if e.id == one["id"])
    assert "业务处" in dict(entry.rows)["confirmed"]


@every_pack
def test_cases_stand_beside_their_rules(packs: Packs, name: str) -> None:
    shown = review(packs[name], Lang.zh, cases_of(name)).cases
    assert shown is not None
    assert shown.failed == 0
    assert shown.ran > 100
    assert set(shown.by_rule) == set(packs[name].rules)
    assert all(one.differs is None for some in shown.by_rule.values() for one in some)


def test_a_case_that_does_not_come_out_says_what_came_instead(qz: Pack, qz_data: Data) -> None:
    data = copy.deepcopy(qz_data)
    changed = next(one for one in data["rules"] if one["id"] == "QZ-4-2")
    changed["require"] = "budget.rd_total >= 4000000"
    asked = {"category": "qz20-major", "as_of": "2020-06-15T09:00:00+08:00"}
    cases = [
        {
            "id": "at the figure", "title": "<b>", **asked, "facts": {"budget": {"rd_total": 3000000}},
            "expect": [{"rule": "QZ-4-2", "outcome": "pass"}, {"rule": "QZ-4-1", "outcome": "unknown"}],
            "also": {"eligible": "pending"},
        },
        {
            "id": "refused", "title": "no such fact", **asked, "facts": {"no": {"such": 1}},
            "expect": [{"rule": "QZ-4-2", "outcome": "pass"}],
        },
    ]  # fmt: skip
    shown = review(load_pack(json.dumps(data, ensure_ascii=False)), Lang.en, [json.dumps(cases)])
    assert shown.cases is not None
    first, second = shown.cases.by_rule["QZ-4-2"]
    assert str(first.differs).startswith("at the figure: QZ-4-2 gives fail, not pass")
    assert str(second.differs).startswith("refused: ")
    (beside,) = shown.cases.by_rule["QZ-4-1"]
    assert (beside.differs, beside.expected) == (None, "unknown")
    (verdict,) = shown.cases.verdicts
    assert "not_eligible" in str(verdict.differs)
    html = pages.render("guide", "review.html", "en", review=shown)
    assert "<b>" not in html
    assert "No case." in html


def test_too_many_cases_or_no_cases_are_refused(qz: Pack) -> None:
    one = {"title": "x", "category": "qz20-rd", "as_of": "2020-06-15T09:00:00+08:00"}
    many = [{"id": str(number), **one} for number in range(MOST_CASES // 2 + 1)]
    with pytest.raises(CasesRefused, match=f"at most {MOST_CASES}"):
        review(qz, Lang.zh, [json.dumps(many)] * 2)
    with pytest.raises(CasesRefused, match="is a list"):
        review(qz, Lang.zh, ["a: b"])


def test_words_of_a_pack_are_text(qz_data: Data) -> None:
    bad = "<script>alert(1)</script>"
    data = copy.deepcopy(qz_data)
    data["clauses"][0]["text_zh"] = data["call"]["title_zh"] = data["rules"][0]["title_zh"] = bad
    data["rules"][0]["note"] = {"zh": bad, "en": bad}
    data["categories"][0]["name_zh"] = data["materials"][0]["name_zh"] = bad
    html = pages.render(
        "guide", "review.html", "zh", review=review(load_pack(json.dumps(data, ensure_ascii=False)), Lang.zh)
    )
    assert "<script" not in html
    assert html.count("&lt;script&gt;") > 5
