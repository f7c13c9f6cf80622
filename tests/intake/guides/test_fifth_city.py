"""A city that nobody has heard of: its pack is published and judges, and no line of Python was written.

The pack and its cases are those of `tests/guide/fifth`; every service here is the real one.
"""

from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.intake.factories import make_actor, make_person, make_unit
from tests.intake.house import House

from common.db import ALL_CITIES
from common.roles import Role
from common.testing import actor, http
from guide import Case, Pack, load_pack, read_cases

FIFTH = Path(__file__).parents[2] / "guide" / "fifth"
TEXT = (FIFTH / "yj-2031.yaml").read_text(encoding="utf-8")
CASES = read_cases((FIFTH / "yj-2031.cases.yaml").read_bytes())[0]
PILOT = {
    "project.field": "sea_water",
    "project.tier": "key",
    "project.start": "2031-06-01",
    "project.end": "2032-12-31",
    "budget.requested_grant": 700000,
    "budget.own_funds": 1400000,
    "pilot.tonnes_a_day": 4,
}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(TEXT)


@pytest.fixture
async def published(house: House, pack: Pack, business_clock: Any) -> House:
    """The fifth city's pack in force in all services, inside its window."""
    business_clock.at("2031-03-10T09:00:00+08:00")
    async with http(house.apps["intake"], caller="operator", cities=(pack.city,)) as operator:
        staged = await operator.post("/v1/guides", json={"text": TEXT})
        assert staged.status_code == 201, staged.text
        done = await operator.post(f"/v1/guides/{pack.id}/versions/{pack.version}/publish")
        assert done.json()["activated"] is True, done.text
    return house


def differences(case: Case, body: Json) -> list[str]:
    got = {one["rule"]: one["outcome"] for one in body["findings"]}
    wrong = [f"{one.rule}: {got.get(one.rule)}" for one in case.expect if got.get(one.rule) != one.outcome]
    return wrong if case.also.eligible in {None, body["eligible"]} else [*wrong, body["eligible"]]


async def test_its_cases_over_http(published: House, pack: Pack) -> None:
    wrong: dict[str, Any] = {}
    async with http(published.apps["eligibility"], actor(Role.applicant, city=pack.city)) as client:
        for case in CASES.values():
            body = case.request(pack).model_dump(mode="json")
            answer = await client.post("/v1/prechecks", json=body)
            found = differences(case, answer.json()) if answer.status_code == 200 else answer.text
            if found:
                wrong[case.id] = found
    assert wrong == {}
    assert len(CASES) > 40


async def test_its_places_are_counted(published: House, pack: Pack) -> None:
    async with http(published.apps["quota"], actor(Role.officer, city=pack.city)) as client:
        pool = await client.get("/v1/pools", params={"guide": pack.id})
    assert pool.status_code == 200, pool.text
    rows = {row["row"]: row["limit"] for row in pool.json()["items"]}
    assert rows == {"yj31-joint/city_level": 5, "yj31-joint/shangyun": 3, "yj31-joint/xiajia": 1}


async def test_an_application_from_draft_to_receipt(published: House, pack: Pack) -> None:
    async with published.databases["intake"].write(ALL_CITIES) as session:
        where = {"reg_region": "990522", "jurisdiction": "xiajia", "quota_token": None, "profile": {}}
        unit = await make_unit(session, city=pack.city, name="下岬县试作海水有限公司", **where)
        leader = await make_person(session, city=pack.city, unit=unit)
        applicant = await make_actor(session, Role.applicant, city=pack.city, unit=unit)
    async with http(published.apps["intake"], applicant) as client:
        draft = {
            "guide": pack.id,
            "category": "yj31-pilot",
            "unit_id": str(unit.id),
            "title": "日处理海水中试线",
        }
        made = await client.post("/v1/applications", json=draft)
        assert made.status_code == 201, made.text
        path = f"/v1/applications/{UUID(made.json()['id'])}"
        short = await edited(client, path, 1, {"form": PILOT, "leader_id": str(leader.id)})
        assert short["YJ-3"]["outcome"] == "fail"
        assert short["YJ-3"]["remedy"] == "每日吨数还差 1 个"
        enough = await edited(client, path, 2, {"form": {"pilot.tonnes_a_day": 5}})
        passed = {rule for rule, finding in enough.items() if finding["outcome"] == "pass"}
        assert passed >= {"YJ-3", "YJ-4", "YJ-5", "YJ-6", "YJ-7", "YJ-8", "YJ-9", "YJ-12"}
        sent = await client.post(f"{path}/submit", json={"expected_revision": 3})
    assert sent.json()["attempt"]["state"] == "admitted", sent.text
    assert sent.json()["receipt"]["manifest_sha256"]


async def edited(client: httpx.AsyncClient, path: str, revision: int, change: Json) -> dict[str, Json]:
    """The findings of the application, by rule, after a change."""
    done = await client.patch(path, json=change, headers={"if-match": f'"{revision}"'})
    assert done.status_code == 200, done.text
    checked = await client.post(f"{path}/precheck", json={})
    assert checked.status_code == 200, checked.text
    return {one["rule"]: one for one in checked.json()["findings"]}
