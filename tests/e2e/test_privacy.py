"""Names, codes and texts of people and units stand in the rows that need them, and in no log or trail."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import pytest

from cli.demo import applying, cast
from cli.demo.graphql import Refused
from cli.demo.story import Story
from cli.local import House
from common.tables import AUDIT

NAMED = ("name", "leader", "members", "short_names", "uscc", "title")
Drafted = Callable[[str], dict[str, Any]]


def words(found: Any, named: bool = False) -> Iterator[str]:
    """Everything in the cast that names a person, a unit or a project."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield from words(value, key in NAMED or (key == "number" and isinstance(value, str)))
    elif isinstance(found, list):
        for one in found:
            yield from words(one, named)
    elif named and isinstance(found, str):
        yield found


@pytest.fixture
def secrets(story: Story) -> set[str]:
    who = story.cast
    found = {*words(list(who.units.values())), *words(who.applications), *words(list(who.staff.values()))}
    assert {who.units[who.applications[0]["unit"]]["uscc"], who.applications[0]["leader"]} <= found
    assert any("patent" in one for one in who.applications)
    assert {one["patent"]["number"] for one in who.applications if "patent" in one} <= found
    return found


async def trails(house: House) -> dict[str, str]:
    """All audit rows of each service as text."""
    found = {}
    for service, dsn in house.dsns.items():
        connection = await asyncpg.connect(dsn.replace("+asyncpg", ""))
        try:
            rows = await connection.fetch(f"SELECT * FROM {AUDIT}")  # noqa: S608  # a constant of ours
        finally:
            await connection.close()
        assert rows, service
        found[service] = json.dumps([dict(row) for row in rows], default=str, ensure_ascii=False)
    return found


async def test_no_name_reaches_a_log_or_a_trail(
    house: House, story: Story, drafted: Drafted, secrets: set[str]
) -> None:
    application, play = drafted("13"), story.plays["13"]
    person, unit = story.person(cast.applicant(play)), story.cast.unit_of(play)
    applying.precheck(person, application["id"])
    with pytest.raises(Refused):
        person.do(
            "updateApplication",
            "application { id }",
            applicationId=application["id"],
            expectedRevision=1,
            form={play["leader"]: unit["name"], "budget.rd_total": unit["uscc"]},
        )
    assert applying.submit(person, application)["attempt"]["state"].startswith("admitted")
    recommender = story.person(cast.recommender(unit["recommending_unit"]))
    reason = f"{play['leader']}（{unit['name']}，{unit['uscc']}）{play['title']}"
    given = {"applicationId": application["id"], "reason": reason}
    recommender.do("initialReview", "application { id }", decision="approved", **given)
    recommender.do("recommend", "recommendation { id }", applicationId=application["id"])
    person.do("withdrawApplication", "application { state }", **given)
    logs = {path.name: path.read_text(encoding="utf-8") for path in house.run.logs.glob("*.log")}
    assert len(logs) == 5
    places = logs | await trails(house)
    told = {place: sorted(word for word in secrets if word in text) for place, text in places.items()}
    assert [place for place, found in told.items() if found] == []
