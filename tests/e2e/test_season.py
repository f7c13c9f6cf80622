"""The season's plan holds together; the season itself runs where SHENBAO_SEASON=full asks for its minutes."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest

from cli.demo.season import outcome, plan, recommenders, roster
from cli.demo.season.doors import Door
from cli.demo.season.names import Names
from cli.demo.season.season import Season
from intake.people.identifiers import checked_phone, checked_resident_id

_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # GB 32100, table 2


@pytest.fixture
def season() -> Season:
    nobody = cast(Any, None)  # the plan needs no house
    return Season(nobody, Door(nobody), roster.make(plan.SEED), Names(1))


def test_150_applications_of_all_rows_and_categories(season: Season) -> None:
    assert len(season.entries) == 150
    assert {entry.row for entry in season.entries} == set(plan.LIMITS)
    assert sum(outcome.expected(season).values()) == 150


def test_the_same_seed_makes_the_same_season(season: Season) -> None:
    assert roster.make(plan.SEED).to_import() == season.roster.to_import()
    assert roster.make(plan.SEED + 1).to_import() != season.roster.to_import()


def test_credit_codes_are_valid_and_names_are_nobody_elses(season: Season) -> None:
    content = season.roster.to_import()
    codes = [unit["uscc"] for unit in content["units"]]
    assert len(set(codes)) == len(codes)
    for code in codes:
        total = sum(_LETTERS.index(one) * by for one, by in zip(code[:17], _WEIGHTS, strict=True))
        assert code[17] == _LETTERS[(31 - total % 31) % 31], code
    people = [person["name"] for person in content["people"]]
    assert len(set(people)) == len(people)


def private(found: roster.Roster) -> set[str]:
    """Every name and number of people and units that the season uses."""
    content = found.to_import()
    words = {one["name"] for one in (*content["people"], *content["units"])}
    words |= {short for unit in content["units"] for short in unit["short_names"]}
    words |= {unit["uscc"] for unit in content["units"]}
    words |= {person[name] for person in content["people"] for name in ("resident_id", "phone")}
    words |= {name for entry in found.entries for name in (entry.leader, *entry.members, entry.title)}
    return words | {entry.patent["number"] for entry in found.entries if entry.patent is not None}


def test_everybody_has_identifiers_that_are_valid_and_nobody_elses(season: Season) -> None:
    people = season.roster.to_import()["people"]
    for name, check in (("resident_id", checked_resident_id), ("phone", checked_phone)):
        assert len({person[name] for person in people}) == len(people) > 150
        assert [person[name] for person in people] == [check(person[name]) for person in people]
    assert {"99", "14"} == {one[:2] for person in people for one in (person["resident_id"], person["phone"])}
    assert len(private(season.roster)) > 1000


def test_who_finds_no_place_does_not_change_the_numbers(season: Season) -> None:
    """Only clean applications stand in a row that runs out, or the numbers would hang on who is first."""
    asking = recommenders.wanted(season)
    full = {row for row, count in asking.items() if count > plan.LIMITS[row]}
    assert full
    planted = Counter(
        entry.row for entry in season.entries if entry.case.end in (plan.AT_FORMAL, plan.AT_APPROVAL)
    )
    assert not full & set(planted)


@pytest.mark.skipif(os.environ.get("SHENBAO_SEASON") != "full", reason="minutes: set SHENBAO_SEASON=full")
@pytest.mark.timeout(900)
def test_the_season_ends_as_the_notice_demands() -> None:
    with tempfile.TemporaryDirectory(prefix="shenbao-season-") as folder:
        Path(folder).chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", "demo", "--season", "full"],
            env={**os.environ, "SHENBAO_RUN_DIR": folder},
            capture_output=True,
            text=True,
            timeout=850,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
        assert "All 150 applications ended as the notice demands." in done.stdout
        logged = "".join(
            file.read_text(encoding="utf-8", errors="replace")
            for file in Path(folder).glob("demo/logs/*.log")
        )
        assert logged
        assert [word for word in private(roster.make(plan.SEED)) if word in logged] == []
