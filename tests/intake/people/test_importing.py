"""Files of units, people and memberships: all or nothing, with every problem named."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from copy import deepcopy
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select
from tests.intake.factories import ISSUER, OTHER_CITY, Cast, make_actor, uscc

from common.clock import clock
from common.db import ALL_CITIES, Database, cities
from common.roles import Role
from intake.people import queries
from intake.people.models import Membership, Person, Unit

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


def a_file() -> dict[str, Any]:
    above, below = uscc(), uscc()
    return {
        "units": [
            {
                "uscc": below,
                "name": "试作氟材料厂",
                "city": "330800",
                "type": "enterprise",
                "legal_person": True,
                "reg_region": "330803",
                "jurisdiction": "qujiang",
                "industry_class": "C26",
                "quota_token": "qujiang",
                "recommending_unit_uscc": above,
                "profile": {"applicant.rd_spend_2019": 5},
            },
            {"uscc": above, "name": "试作区科技局", "city": "330800", "type": "government"},
        ],
        "people": [
            {"ref": "p1", "name": "甲某", "city": "330800", "unit_uscc": below},
            {"ref": "p2", "name": "乙某", "city": "330800"},
        ],
        "memberships": [
            {
                "issuer": ISSUER,
                "subject": "s1",
                "person_ref": "p1",
                "role": "applicant",
                "city": "330800",
                "unit_uscc": below,
                "login_kind": "personal",
            },
            {
                "issuer": ISSUER,
                "subject": "s2",
                "person_ref": "p2",
                "role": "officer",
                "city": "330800",
                "valid_to": "2020-06-10T00:00:00+08:00",
            },
        ],
    }


async def counts(db: Database) -> list[int]:
    async with db.read(ALL_CITIES) as session:
        return [
            (await session.scalar(select(func.count()).select_from(table))) or 0
            for table in (Unit, Person, Membership)
        ]


def operator(acting: As) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return acting(None, caller="operator", cities=("330800",))


async def resolve(acting: As, subject: str) -> dict[str, Any]:
    async with acting(None, caller="gateway", cities=()) as client:
        answer = await client.post("/v1/memberships/resolve", json={"issuer": ISSUER, "subject": subject})
    found: dict[str, Any] = answer.json()
    return found


async def test_a_file_is_read_twice_and_stands_once(acting: As, db: Database) -> None:
    file = a_file()
    async with operator(acting) as client:
        first = (await client.post("/v1/memberships/import", json=file)).json()
        after_first = await counts(db)
        second = (await client.post("/v1/memberships/import", json=file)).json()
    assert first["problems"] == []
    assert first["report"] == {
        "units": {"created": 2, "changed": 0, "unchanged": 0},
        "people": {"created": 2, "changed": 0, "unchanged": 0},
        "memberships": {"created": 2, "changed": 0, "unchanged": 0},
    }
    nothing = {"created": 0, "changed": 0, "unchanged": 2}
    assert second == {**first, "report": dict.fromkeys(("units", "people", "memberships"), nothing)}
    assert first["memberships"] == 2
    assert after_first == await counts(db) == [2, 2, 2]
    below, above = file["units"][0], file["units"][1]
    ids = {one["uscc"]: one["id"] for one in first["units"]}
    async with operator(acting) as client:
        units = (await client.post("/v1/units/batch", json={"ids": list(ids.values())})).json()["items"]
    by_code = {one["uscc"]: one for one in units}
    assert by_code[below["uscc"]]["recommending_unit_id"] == ids[above["uscc"]]
    assert by_code[below["uscc"]]["profile"] == {"applicant.rd_spend_2019": 5}
    assert by_code[below["uscc"]]["revision"] == 1


async def test_logins_are_resolved_while_they_are_in_force(
    acting: As, db: Database, business_clock: Any
) -> None:
    file = a_file()
    async with operator(acting) as client:
        first = (await client.post("/v1/memberships/import", json=file)).json()
    people = {one["ref"]: one["id"] for one in first["people"]}
    found = await resolve(acting, "s1")
    assert found == {
        "person_id": people["p1"],
        "name": "甲某",
        "login_kind": "personal",
        "cities": ["330800"],
        "grants": [
            {
                "role": "applicant",
                "city": "330800",
                "unit_id": first["units"][0]["id"],
                "login_kind": "personal",
            }
        ],
    }
    assert [one["role"] for one in (await resolve(acting, "s2"))["grants"]] == ["officer"]
    business_clock.at("2020-06-10T00:00:00+08:00")
    assert (await resolve(acting, "s2"))["grants"] == []
    assert (await resolve(acting, "nobody"))["person_id"] is None


PROBLEMS = [
    ("/units/0/recommending_unit_uscc", ("units", 0, "recommending_unit_uscc"), "91330800NOBODY0000"),
    ("/units/0/city", ("units", 0, "city"), OTHER_CITY),
    ("/units/0/profile/blacklist.listed", ("units", 0, "profile"), {"blacklist.listed": True}),
    ("/units/0/profile/applicant.rd_spend_2019", ("units", 0, "profile"), {"applicant.rd_spend_2019": "五"}),
    ("/units/0/profile/applicant.type", ("units", 0, "profile"), {"applicant.type": "enterprise"}),
    ("/units/0/type", ("units", 0, "type"), "circus"),
    ("/people/0/unit_uscc", ("people", 0, "unit_uscc"), "91330800NOBODY0000"),
    ("/people/1/ref", ("people", 1, "ref"), "p1"),
    ("/memberships/0/person_ref", ("memberships", 0, "person_ref"), "p9"),
    ("/memberships/0/unit_uscc", ("memberships", 0, "unit_uscc"), None),
    ("/memberships/1/valid_to", ("memberships", 1, "valid_from"), "2020-06-11T00:00:00+08:00"),
    ("/memberships/1/person_ref", ("memberships", 1, "subject"), "s1"),
]


@pytest.mark.parametrize(("pointer", "place", "value"), PROBLEMS)
async def test_every_problem_is_named_and_nothing_is_written(
    acting: As, cast: Cast, db: Database, pointer: str, place: tuple[str, int, str], value: Any
) -> None:
    file = deepcopy(a_file())
    file[place[0]][place[1]][place[2]] = value
    before = await counts(db)
    async with operator(acting) as client:
        dry = await client.post("/v1/memberships/import?dry_run=true", json=file)
        real = await client.post("/v1/memberships/import", json=file)
    assert dry.status_code == 200
    assert pointer in [one["pointer"] for one in dry.json()["problems"]]
    assert (real.status_code, real.json()["code"]) == (422, "intake.import_refused")
    assert pointer in [one["pointer"] for one in real.json()["errors"]]
    assert await counts(db) == before


async def test_a_dry_run_of_a_sound_file_writes_nothing(acting: As, cast: Cast, db: Database) -> None:
    before = await counts(db)
    async with operator(acting) as client:
        body = (await client.post("/v1/memberships/import?dry_run=true", json=a_file())).json()
    assert (body["problems"], body["memberships"]) == ([], 2)
    assert await counts(db) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"units": [{"uscc": "short", "name": "x", "city": "330800"}]},
        {"units": [{"uscc": "91330800TEST999999", "name": "", "city": "330800"}]},
        {"people": [{"ref": "a", "name": "b", "city": "衢州"}]},
        {
            "memberships": [
                {"issuer": "i", "subject": "s", "person_ref": "p", "role": "king", "city": "330800"}
            ]
        },
        {"surprise": []},
    ],
)
async def test_a_malformed_file_is_refused(acting: As, wrong: dict[str, Any]) -> None:
    async with operator(acting) as client:
        assert (await client.post("/v1/memberships/import", json=wrong)).status_code == 422


async def test_who_may_import_and_resolve(acting: As, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        officer = await make_actor(session, Role.officer)
        administrator = await make_actor(session, Role.membership_administrator)
    async with acting(officer) as client:
        assert (await client.post("/v1/memberships/import", json=a_file())).status_code == 403
        answer = await client.post("/v1/memberships/resolve", json={"issuer": "i", "subject": "s"})
        assert answer.status_code == 403
    async with acting(administrator) as client:
        assert (await client.post("/v1/memberships/import", json=a_file())).status_code == 200


async def test_one_login_may_stand_for_a_person_in_each_city(acting: As, db: Database) -> None:
    file = a_file()
    file["people"].append({"ref": "p1", "name": "甲某", "city": OTHER_CITY})
    again = {**file["memberships"][0], "role": "expert", "city": OTHER_CITY, "unit_uscc": None}
    file["memberships"].append(again)
    async with acting(None, caller="operator", cities=("330800", OTHER_CITY)) as client:
        assert (await client.post("/v1/memberships/import", json=file)).status_code == 200
    found = await resolve(acting, "s1")
    assert found["cities"] == [OTHER_CITY, "330800"]
    person = UUID(found["person_id"])
    async with db.read(cities("330800", OTHER_CITY)) as session:
        for role, city in ((Role.applicant, "330800"), (Role.expert, OTHER_CITY)):
            assert await queries.holds(session, person, [role], city, None, clock.business())
        assert not await queries.holds(session, person, [Role.expert], "330800", None, clock.business())
