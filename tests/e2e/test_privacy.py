"""Names, codes and texts of people and units stand in the rows that need them, and in no log or trail."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import httpx
import pytest

from cli.demo import applying, cast
from cli.demo.graphql import Refused
from cli.demo.season.names import phone, resident_id
from cli.demo.story import Story
from cli.local import House
from common.tables import AUDIT

NAME, RESIDENT_ID, PHONE = "欧阳试作", resident_id(900), phone(900)
ADDED = {NAME, RESIDENT_ID, PHONE}
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
    people = cast.to_import(who)["people"]
    identifiers = {person[name] for person in people for name in ("resident_id", "phone")}
    assert len(identifiers) == 2 * len(people)
    return found | {person["name"] for person in people} | identifiers | ADDED


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


def administer(house: House, story: Story, unit: dict[str, Any]) -> None:
    """People are entered, sought, refused and revealed, with identifiers on every way in and out."""
    headers = {"authorization": f"Bearer {house.operator_token(cities=(story.cast.city,))}"}
    known = cast.to_import(story.cast)["people"][0]
    new = {"city": story.cast.city, "name": NAME, "resident_id": RESIDENT_ID, "phone": PHONE}
    with httpx.Client(base_url=house.intake_url, headers=headers, timeout=30, trust_env=False) as http:

        def post(path: str, body: dict[str, Any], status: int) -> dict[str, Any]:
            answer = http.post(path, json=body)
            assert answer.status_code == status, answer.text
            found: dict[str, Any] = answer.json()
            return found

        made = post("/v1/people", new, 201)
        post("/v1/people", new, 409)
        post("/v1/people", {**new, "phone": f"{PHONE}{PHONE}"}, 422)
        post("/v1/people", {**new, "resident_id": known["resident_id"]}, 409)
        (found,) = post("/v1/people/search", {"city": new["city"], "resident_id": RESIDENT_ID}, 200)["items"]
        assert found["id"] == made["id"]
        heads = "人员编号,姓名,身份证号,电话"
        rows = f"x1,{NAME},{RESIDENT_ID},{PHONE}\nx2,{NAME},{known['resident_id']}?,{unit['uscc']}"
        query = {"kind": "csv", "city": new["city"]}
        path = "/v1/memberships/import/file"
        answer = http.post(path, content=f"{heads}\n{rows}".encode(), params=query)
        assert answer.status_code == 422
        assert http.post(f"/v1/people/{made['id']}/identifiers").status_code == 403
    applicant = story.person(cast.applicant(story.plays["13"]))
    own = applicant.ask("{ viewer { person { id } } }")["viewer"]["person"]["id"]
    whole = applicant.do("revealIdentifiers", "residentId phone", personId=own)
    assert (len(whole["residentId"]), len(whole["phone"])) == (18, 11)


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
    administer(house, story, unit)
    logs = {path.name: path.read_text(encoding="utf-8") for path in house.run.logs.glob("*.log")}
    assert len(logs) == 5
    places = logs | await trails(house)
    told = {place: sorted(word for word in secrets if word in text) for place, text in places.items()}
    assert [place for place, found in told.items() if found] == []
