"""An administrator enters and changes units and persons of the own city, and of no other."""

from typing import Any

import pytest
from sqlalchemy import select
from tests.intake.conftest import As
from tests.intake.factories import CITY, OTHER_CITY, Cast, make_actor, make_unit, uscc
from tests.intake.people.administration import administrator, match, person, trail

from common.actor import Actor
from common.clock import parse_instant
from common.db import ALL_CITIES, Database
from common.roles import Role
from intake.people.models import Membership


def a_unit(**changes: Any) -> dict[str, Any]:
    return {"city": CITY, "uscc": uscc(), "name": "试作新单位", "type": "enterprise", **changes}


async def test_a_unit_is_entered_and_registered(acting: As, cast: Cast, db: Database) -> None:
    head = await administrator(db)
    above = str(cast.recommending_unit.id)
    new = a_unit(recommending_unit_id=above, quota_token="qujiang")
    async with acting(head) as client:
        made = await client.post("/v1/units", json=new, headers={"Idempotency-Key": "u-1"})
        again = await client.post("/v1/units", json=new, headers={"Idempotency-Key": "u-1"})
        assert (made.status_code, made.json()) == (201, again.json())
        row = made.json()
        assert (row["recommending_unit_id"], row["quota_token"], row["revision"]) == (above, "qujiang", 1)
        assert [one["action"] for one in row["allowed_actions"]] == ["update_registration", "add_person"]
        path = f"/v1/units/{row['id']}/registration"
        changes = {"name": "改名", "former_names": ["试作新单位"], "quota_token": None}
        assert (await client.patch(path, json=changes)).status_code == 428
        changed = await client.patch(path, json=changes, headers=match(row))
        assert (changed.headers["etag"], changed.json()["quota_token"]) == ('"2"', None)
        assert (await client.patch(path, json=changes, headers=match(row))).status_code == 412
        twice = await client.post("/v1/units", json=new)
        assert (twice.status_code, twice.json()["code"]) == (409, "intake.unit_exists")
    done = [(one["action"], one["object_id"]) for one in await trail(db)]
    assert done[-2:] == [("unit.added", row["id"]), ("unit.registered", row["id"])]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"type": "circus"}, "/type"),
        ({"uscc": "short"}, "/uscc"),
        ({"recommending_unit_id": "0198c0de-0000-7000-8000-000000000001"}, "/recommending_unit_id"),
        ({"profile": {}}, "/profile"),
    ],
)
async def test_wrong_units_are_refused(
    acting: As, cast: Cast, db: Database, changes: dict[str, Any], pointer: str
) -> None:
    async with acting(await administrator(db)) as client:
        answer = await client.post("/v1/units", json=a_unit(**changes))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_nobody_administers_another_city(acting: As, cast: Cast, db: Database) -> None:
    foreign = await administrator(db, OTHER_CITY)
    async with db.write(ALL_CITIES) as session:
        theirs = await make_unit(session, city=OTHER_CITY)
    own = {"If-Match": '"1"'}
    async with acting(foreign) as client:
        answers = [
            await client.post("/v1/units", json=a_unit()),
            await client.patch(f"/v1/units/{cast.unit.id}/registration", json={}, headers=own),
            await client.post("/v1/people", json={"name": "x", "city": CITY}),
            await client.post("/v1/people", json={"name": "x", "unit_id": str(cast.unit.id)}),
            await client.post(
                "/v1/people", json={"name": "x", "city": OTHER_CITY, "unit_id": str(cast.unit.id)}
            ),
            await client.patch(f"/v1/people/{cast.applicant.person_id}", json={}, headers=own),
            await client.post(
                f"/v1/people/{cast.applicant.person_id}/move",
                json={"unit_id": str(theirs.id)},
                headers=own,
            ),
            await client.post(
                "/v1/memberships",
                json={
                    "person_id": str(cast.applicant.person_id),
                    "issuer": "i",
                    "subject": "s",
                    "role": "officer",
                },
            ),
        ]
        assert [one.status_code for one in answers] == [404] * len(answers)
        for noun in ("units", "people", "memberships"):
            found = (await client.post(f"/v1/{noun}/search", json={"city": CITY})).json()
            assert found == {"items": [], "next_cursor": None}


async def test_only_administrators_administer(acting: As, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        manager = await make_actor(session, Role.department_manager, unit=cast.unit)
    for actor in (cast.officer, manager, cast.recommender):
        async with acting(actor) as client:
            for path in ("/v1/units", "/v1/memberships", "/v1/memberships/import"):
                assert (await client.post(path, json={})).status_code == 403
            one = f"/v1/people/{cast.applicant.person_id}"
            assert (await client.patch(one, json={})).status_code == 403
            assert (await client.post(f"{one}/move", json={})).status_code == 403


async def test_a_revoked_administrator_is_refused_by_the_command_itself(acting: As, db: Database) -> None:
    head = await administrator(db)
    async with db.write(ALL_CITIES) as session:
        for row in await session.scalars(select(Membership)):
            row.valid_to = parse_instant("2020-05-01T00:00:00+08:00")
    async with acting(head) as client:  # the token still says otherwise
        assert (await client.post("/v1/units", json=a_unit())).status_code == 403


async def test_an_applicant_adds_by_name_and_no_more(acting: As, cast: Cast) -> None:
    body = {"unit_id": str(cast.unit.id), "name": "丙某"}
    async with acting(cast.applicant) as client:
        assert (await client.post("/v1/people", json=body)).status_code == 201
        for more in ({"phone": "14200000001"}, {"ref": "p"}, {"resident_id": None}):
            assert (await client.post("/v1/people", json={**body, **more})).status_code == 403
        assert (await client.post("/v1/people", json={"name": "x", "city": CITY})).status_code == 404
        assert (await client.post("/v1/people", json={"name": "x"})).status_code == 422


async def test_a_person_is_changed(acting: As, cast: Cast, db: Database) -> None:
    head = await administrator(db)
    async with acting(head) as client:
        row = await person(client, cast.applicant.person_id)
        path = f"/v1/people/{row['id']}"
        changed = await client.patch(path, json={"name": "新名", "ref": "p-9"}, headers=match(row))
        assert (changed.json()["name"], changed.json()["ref"]) == ("新名", "p-9")
        assert changed.json()["revision"] == row["revision"] + 1
        assert (await client.patch(path, json={"name": "x"}, headers=match(row))).status_code == 412
        other = await person(client, cast.officer.person_id)
        taken = await client.patch(f"/v1/people/{other['id']}", json={"ref": "p-9"}, headers=match(other))
        assert (taken.status_code, taken.json()["code"]) == (409, "intake.person_ref_taken")
    last = (await trail(db))[-1]
    assert (last["action"], last["data"]) == (
        "person.updated",
        {"revision": 2, "fields": ["name", "ref"]},
    )


async def found(acting: As, actor: Actor, noun: str, **asked: Any) -> list[str]:
    names: list[str] = []
    cursor: str | None = None
    async with acting(actor) as client:
        while True:
            body = {**asked, "first": 2} | ({"after": cursor} if cursor else {})
            page = (await client.post(f"/v1/{noun}/search", json=body)).json()
            names += [one["name"] for one in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return names


async def test_lists_in_pages_show_what_one_may_see(acting: As, cast: Cast, db: Database) -> None:
    head = await administrator(db)
    everyone = await found(acting, head, "people")
    assert len(everyone) == len(set(everyone)) >= 5
    assert await found(acting, head, "people", text=everyone[0]) == [everyone[0]]
    own = await found(acting, head, "people", unit_id=str(cast.unit.id))
    assert await found(acting, cast.applicant, "people") == own
    assert await found(acting, head, "units", text=cast.unit.uscc) == [cast.unit.name]
    below = await found(acting, head, "units", recommending_unit_id=str(cast.recommending_unit.id))
    assert below == [cast.unit.name] == await found(acting, cast.applicant, "units")
    async with acting(head) as client:
        wrong = await client.post("/v1/people/search", json={"after": "nonsense"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "common.bad_cursor")
