"""A unit keeps its own data; who sees which unit and which person."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from tests.intake.factories import OTHER_CITY, Cast, make_actor, make_unit, pack

from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.roles import Role
from intake.people import service
from intake.people.models import Unit

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


async def patch(
    acting: As, actor: Actor, unit: Unit, body: dict[str, Any], match: str | None = '"1"'
) -> httpx.Response:
    async with acting(actor) as client:
        headers = {"If-Match": match} if match else {}
        return await client.patch(f"/v1/units/{unit.id}", json=body, headers=headers)


async def units(acting: As, actor: Actor, *rows: Unit) -> dict[str, Any]:
    async with acting(actor) as client:
        answer = await client.post("/v1/units/batch", json={"ids": [str(row.id) for row in rows]})
    return {one["id"]: one for one in answer.json()["items"]}


async def test_a_profile_becomes_complete(acting: As, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        unit = await make_unit(session, profile={}, legal_person=None, industry_class=None)
        applicant = await make_actor(session, Role.applicant, unit=unit)
    before = (await units(acting, applicant, unit))[str(unit.id)]
    assert before["profile_complete"] is False
    assert before["missing"] == [
        "applicant.in_enclave",
        "applicant.industry_class",
        "applicant.legal_person",
        "applicant.rd_spend_2019",
    ]
    body = {
        "legal_person": True,
        "industry_class": "C26",
        "short_names": ["试作氟"],
        "profile": {"applicant.in_enclave": False, "applicant.rd_spend_2019": 0},
    }
    answer = await patch(acting, applicant, unit, body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == '"2"'
    after = answer.json()
    assert (after["profile_complete"], after["missing"], after["short_names"]) == (True, [], ["试作氟"])
    forgets = await patch(acting, applicant, unit, {"profile": {"applicant.in_enclave": None}}, '"2"')
    assert forgets.json()["missing"] == ["applicant.in_enclave"]


async def test_what_only_enterprises_are_asked_for_is_not_missing_elsewhere(acting: As, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        profile = {"applicant.rd_spend_2019": 1}
        hospital = await make_unit(session, type="public_institution", profile=profile, industry_class=None)
        applicant = await make_actor(session, Role.applicant, unit=hospital)
    found = (await units(acting, applicant, hospital))[str(hospital.id)]
    assert (found["profile_complete"], found["missing"]) == (True, [])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"profile": {"applicant.rd_spend_2019": "很多"}}, "/profile/applicant.rd_spend_2019"),
        ({"profile": {"applicant.rd_spend_2019": -5}}, "/profile/applicant.rd_spend_2019"),
        ({"profile": {"applicant.magic": 1}}, "/profile/applicant.magic"),
        ({"profile": {"budget.rd_total": 1}}, "/profile/budget.rd_total"),
        ({"profile": {"applicant.profile_complete": True}}, "/profile/applicant.profile_complete"),
        ({"jurisdiction": "atlantis"}, "/jurisdiction"),
        ({"reg_region": "衢江"}, "/reg_region"),
        ({"name": ""}, "/name"),
        ({"type": "university"}, "/type"),
        ({"quota_token": "city_level"}, "/quota_token"),
    ],
)
async def test_wrong_data_are_refused_with_their_place(
    acting: As, cast: Cast, body: dict[str, Any], pointer: str
) -> None:
    answer = await patch(acting, cast.applicant, cast.unit, body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await units(acting, cast.applicant, cast.unit))[str(cast.unit.id)]["revision"] == 1


@pytest.mark.parametrize("in_force", [["gl-2019"], []])
@pytest.mark.parametrize("name", ["lead.type", "lead.org"])
def test_who_leads_is_no_units_to_state(in_force: list[str], name: str) -> None:
    """It follows from the record, whether or not a call is in force that knows the fact."""
    (problem,) = service.profile_problems({name: "university"}, [pack(one) for one in in_force], "/profile")
    assert (problem.pointer, problem.detail) == (
        f"/profile/{name}",
        "this fact has its own field or is derived",
    )


async def test_only_the_units_keepers_change_it(acting: As, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        manager = await make_actor(session, Role.department_manager, unit=cast.unit)
        neighbour = await make_actor(session, Role.applicant, unit=await make_unit(session))
        abroad = await make_unit(session, city=OTHER_CITY)
        foreigner = await make_actor(session, Role.applicant, city=OTHER_CITY, unit=abroad)
    for actor, status in ((neighbour, 404), (foreigner, 404), (cast.officer, 403)):
        assert (await patch(acting, actor, cast.unit, {"name": "夺名"})).status_code == status
    assert (await patch(acting, cast.applicant, cast.unit, {"name": "x"}, None)).status_code == 428
    assert (await patch(acting, manager, cast.unit, {"name": "新名"})).status_code == 200
    assert (await patch(acting, cast.applicant, cast.unit, {"name": "旧名"})).status_code == 412


async def test_who_sees_which_unit(acting: As, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        neighbour = await make_actor(session, Role.applicant, unit=await make_unit(session))
        expert = await make_actor(session, Role.expert)
        foreign_officer = await make_actor(session, Role.officer, city=OTHER_CITY)
    both = (cast.unit, cast.recommending_unit)
    assert (await units(acting, cast.officer, *both)).keys() == {str(row.id) for row in both}
    own = await units(acting, cast.applicant, *both)
    assert own[str(cast.unit.id)]["profile"]
    above = own[str(cast.recommending_unit.id)]
    assert (above["profile"], above["missing"], above["profile_complete"]) == (None, None, None)
    assert (await units(acting, cast.recommender, *both)).keys() == {str(row.id) for row in both}
    for stranger in (neighbour, expert, foreign_officer):
        assert await units(acting, stranger, *both) == {}


async def test_persons_are_added_to_the_own_unit_and_seen_by_few(
    acting: As, cast: Cast, db: Database
) -> None:
    async with acting(cast.applicant) as client:
        body = {"unit_id": str(cast.unit.id), "name": " 丙某 "}
        added = await client.post("/v1/people", json=body, headers={"Idempotency-Key": "p-1"})
        again = await client.post("/v1/people", json=body, headers={"Idempotency-Key": "p-1"})
        assert added.status_code == 201, added.text
        assert added.json() == again.json()
        assert added.json()["name"] == "丙某"
        wrong = {"unit_id": str(cast.recommending_unit.id), "name": "丙某"}
        assert (await client.post("/v1/people", json=wrong)).status_code == 404
        assert (await client.post("/v1/people", json={**body, "name": ""})).status_code == 422
    async with db.write(ALL_CITIES) as session:
        neighbour = await make_actor(session, Role.applicant, unit=await make_unit(session))
        expert = await make_actor(session, Role.expert)
    ids = {"ids": [added.json()["id"], str(expert.person_id)]}

    async def seen(actor: Actor) -> int:
        async with acting(actor) as client:
            return len((await client.post("/v1/people/batch", json=ids)).json()["items"])

    assert await seen(cast.applicant) == 1
    assert await seen(cast.recommender) == 1
    assert await seen(cast.officer) == 2
    assert await seen(neighbour) == 0
    assert await seen(expert) == 1
