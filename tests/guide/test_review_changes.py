"""Two versions compared in words: what `guide.diff` finds, and nothing without a difference."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from common import pages
from guide import Pack, diff, load_pack
from guide.review import compare
from guide.review.changes import Both, ThingChange

Data = dict[str, Any]


def changed(data: Data, change: Callable[[Data], object]) -> Pack:
    copied = copy.deepcopy(data)
    change(copied)
    return load_pack(json.dumps(copied, ensure_ascii=False))


def named(data: Data, section: str, name: str) -> Data:
    found: Data = next(one for one in data[section] if one["id"] == name)
    return found


def only(old: Pack, new: Pack) -> ThingChange:
    ((thing,),) = [one.changes for one in compare(old, new).clauses]
    return thing


def said(thing: ThingChange) -> dict[str, tuple[str | None, str | None]]:
    return {one.field: (one.before and one.before.en, one.after and one.after.en) for one in thing.fields}


def test_a_rule_in_words(qz: Pack, qz_data: Data) -> None:
    def change(data: Data) -> None:
        named(data, "rules", "QZ-4-2").update(require="budget.rd_total >= 4000000", due="formal_review")

    thing = only(qz, changed(qz_data, change))
    assert thing.title == Both(qz.rules["QZ-4-2"].title_zh, qz.rules["QZ-4-2"].title_en)
    assert thing.section_label == Both("规则", "rule")
    assert said(thing) == {
        "require": (
            "budgeted R&D investment ≥ 3,000,000 yuan",
            "budgeted R&D investment ≥ 4,000,000 yuan",
        ),
        "due": ("submission", "formal review"),
    }


def test_a_distance_shows_though_the_words_of_a_remedy_stay(qz: Pack, qz_data: Data) -> None:
    def change(data: Data) -> None:
        remedy = named(data, "rules", "QZ-4-2")["remedies"][0]
        remedy["gap"]["value"] = "4000000 - budget.rd_total"

    before, after = said(only(qz, changed(qz_data, change)))["remedies"]
    assert "3,000,000" in str(before)
    assert "4,000,000" in str(after)


def test_a_difference_that_words_leave_out_is_shown_as_written(qz: Pack, qz_data: Data) -> None:
    def change(data: Data) -> None:
        named(data, "rules", "QZ-4-2")["require"] = {"all": ["budget.rd_total >= 3000000"]}

    before, after = said(only(qz, changed(qz_data, change)))["require"]
    assert before == '"budget.rd_total >= 3000000"'
    assert after == '{"all": ["budget.rd_total >= 3000000"]}'


def test_categories_figures_and_silence(qz: Pack, qz_data: Data) -> None:
    def change(data: Data) -> None:
        named(data, "categories", "qz20-rd").update(
            cap=60,
            funding=[{"tier": None, "min": None, "max": 500000}],
            funding_mode=None,
            years={"max_months": 24},
        )

    found = said(only(qz, changed(qz_data, change)))
    assert found["cap"][1] == "60"
    assert found["funding"][1] == "up to 500,000 yuan"
    assert found["years"][1] == "at most 24 months"


def test_paraphrases_added_and_removed(qz: Pack, qz_data: Data) -> None:
    def change(data: Data) -> None:
        named(data, "clauses", "qz20-notice/4-2")["text_en"] = "At least four million."
        data["rules"] = [one for one in data["rules"] if one["id"] != "QZ-PAT-02"]
        data["call"]["channels"] = []

    new = changed(qz_data, change)
    forth = {one.id: one for one in compare(qz, new).clauses}
    clause = forth["qz20-notice/4-2"]
    assert clause.after is not None
    assert clause.after.en == "At least four million."
    assert clause.before == Both(qz.clauses["qz20-notice/4-2"].text_zh, qz.clauses["qz20-notice/4-2"].text_en)
    (gone,) = [
        one
        for found in forth.values()
        for one in found.changes
        if one.kind == "removed" and one.section == "rules"
    ]
    assert gone.id == "QZ-PAT-02"
    assert all(one.after is None and one.before is not None for one in gone.fields)
    back = {one.id: one for one in compare(new, qz).clauses}
    (come,) = [
        one
        for found in back.values()
        for one in found.changes
        if one.kind == "added" and one.section == "rules"
    ]
    assert [one.field for one in come.fields] == [one.field for one in gone.fields]


def test_two_guides_of_two_cities_can_be_compared(packs: Any) -> None:
    """The widest difference that there is: everything of one, nothing of it in the other."""
    old, new = packs["hy-2021"], packs["gl-2019"]
    found, raw = compare(old, new), diff(old, new)
    assert [len(one.changes) for one in found.clauses] == [len(one.changes) for one in raw.clauses]
    same = [
        (thing.id, one.field)
        for clause in found.clauses
        for thing in clause.changes
        for one in thing.fields
        if one.before == one.after
    ]
    assert same == []
    assert json.loads(json.dumps(found.as_dict(), ensure_ascii=False))["after"] == new.version


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page(qz: Pack, qz_data: Data, lang: str) -> None:
    bad = "<script>alert(1)</script>"

    def change(data: Data) -> None:
        clause = named(data, "clauses", "qz20-notice/4-2")
        clause["text_zh"] = clause["text_en"] = bad
        named(data, "rules", "QZ-4-2")["title_zh"] = bad

    html = pages.render("guide", "changes.html", lang, comparison=compare(qz, changed(qz_data, change)))
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    clause = qz.clauses["qz20-notice/4-2"]
    assert (clause.text_zh if lang == "zh" else clause.text_en) in html


def test_versions_that_mean_the_same(qz: Pack) -> None:
    found = compare(qz, qz)
    assert found.clauses == ()
    assert "Both versions mean the same." in pages.render("guide", "changes.html", "en", comparison=found)
