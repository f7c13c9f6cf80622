"""The casts of the demonstration hold together with their packs; no house is needed."""

from typing import Any

import pytest

from cli.demo import cast
from cli.demo.cities import CITIES, ELSEWHERE, City, find, story
from cli.demo.report import Fate
from cli.errors import Refusal
from cli.packs import read_pack
from guide import Pack, stated_problems

_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # GB 32100, table 2

each_city = pytest.mark.parametrize("city", CITIES, ids=lambda city: city.name)
each_elsewhere = pytest.mark.parametrize("city", ELSEWHERE, ids=lambda city: city.name)


@pytest.fixture
def pack(city: City) -> Pack:
    return read_pack(city.pack)


@pytest.fixture
def played(city: City) -> cast.Cast:
    return cast.read(city.cast)


@pytest.mark.parametrize(
    ("word", "name"), [("450300", "guilin"), ("Lanzhou", "lanzhou"), ("quzhou", "quzhou")]
)
def test_a_city_is_found_by_name_and_code(word: str, name: str) -> None:
    assert find(word).name == name


def test_a_city_without_a_story_is_refused_with_those_that_have_one() -> None:
    with pytest.raises(Refusal, match=r"'atlantis'.*hengyang \(430400\)"):
        find("atlantis")


def test_the_full_season_is_quzhous_alone() -> None:
    with pytest.raises(Refusal, match="not in lanzhou"):
        story(find("lanzhou"), "full")


@each_city
def test_a_cast_is_of_its_city_and_of_its_guide(city: City, pack: Pack, played: cast.Cast) -> None:
    assert (played.guide, played.city, played.year) == (pack.id, pack.city, pack.call.year)
    assert city.code == played.city
    leaves = {leaf.id for leaf in pack.leaves}
    assert {one["category"] for one in played.applications} <= leaves
    numbers = [one["no"] for one in played.applications]
    assert len(set(numbers)) == len(numbers)


@each_city
def test_what_a_cast_expects_stands_in_the_guide(pack: Pack, played: cast.Cast) -> None:
    for one in played.applications:
        due = one["expect"]
        if "rule" not in due:
            continue
        assert due["rule"] in {rule.id for rule in pack.rules_for(one["category"])}, one["no"]
        if "clause" in due:
            places = {f"{clause.section} L{clause.lines}" for clause in pack.clauses.values()}
            assert due["clause"] in places, one["no"]


@each_city
def test_units_are_nobody(played: cast.Cast) -> None:
    for unit in played.units.values():
        code = unit["uscc"]
        total = sum(_LETTERS.index(one) * by for one, by in zip(code[:17], _WEIGHTS, strict=True))
        assert code[17] == _LETTERS[(31 - total % 31) % 31], code
        assert code[8:11] == "MAD", "organisation codes of the demonstration begin so"


def test_logins_of_all_casts_are_different() -> None:
    subjects = [
        membership["subject"]
        for city in CITIES
        for membership in cast.to_import(cast.read(city.cast))["memberships"]
    ]
    assert len(set(subjects)) == len(subjects)


@each_elsewhere
def test_papers_are_those_of_the_category_and_state_what_they_may(pack: Pack, played: cast.Cast) -> None:
    for one in played.applications:
        wanted = {material.id: material for material in pack.materials_for(one["category"])}
        mended = one.get("mended", {"papers": {}})
        for material, stated in [*one["papers"].items(), *mended["papers"].items()]:
            assert wanted[material].supplier == "applicant"
            _may_state(pack, wanted[material].gives, stated)
    known = {material.id: material for material in pack.document.materials}
    for material, stated in played.script["letters"].items():
        assert known[material].supplier == "recommender"
        counted = {name: 1 if value == "@count" else value for name, value in stated.items()}
        _may_state(pack, known[material].gives, counted)


def _may_state(pack: Pack, gives: tuple[str, ...] | list[str], stated: dict[str, Any]) -> None:
    for name, value in stated.items():
        assert name in gives, name
        assert not stated_problems(pack, name, value, f"/{name}")


@each_elsewhere
def test_people_decide_on_rules_of_the_guide_and_say_why(pack: Pack, played: cast.Cast) -> None:
    script = played.script
    of_rules = [script["judgements"], *script.get("judgements_of", {}).values()]
    for rule, found in [pair for one in of_rules for pair in one.items()]:
        assert rule in pack.rules, rule
        assert found["why"], rule
        assert ("facts" in found) != ("outcome" in found), rule
        assert set(found.get("facts", {})) <= set(pack.rule_facts[rule]), rule


@each_elsewhere
def test_a_story_is_short_and_shows_every_kind_of_end(played: cast.Cast) -> None:
    ends = [one["expect"]["at"] for one in played.applications]
    assert 6 <= len(ends) <= 10
    assert {"approved", "submission", "formal review"} <= set(ends)
    stopped = [one["expect"] for one in played.applications if "rule" in one["expect"]]
    assert all("clause" in one for one in stopped)


def test_a_fate_meets_what_is_expected_in_every_part() -> None:
    fate = Fate("formal review", "a remedy", "GL-01-3", "一 L1")
    assert fate.meets({"at": "formal review", "rule": "GL-01-3", "clause": "一 L1"})
    assert fate.meets({"at": "formal review", "rule": "GL-01-3"})
    assert not fate.meets({"at": "formal review", "rule": "GL-01-3", "clause": "一 L2"})
    assert not fate.meets({"at": "formal review", "rule": "GL-01-2"})
    assert not fate.meets({"at": "submission", "rule": "GL-01-3"})
    assert not Fate("approved").meets({"at": "approved", "rule": "GL-01-3"})
