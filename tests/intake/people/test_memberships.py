"""Roles are granted and ended, never deleted, and a city keeps an administrator."""

import asyncio
from typing import Any

import pytest
from tests.intake.conftest import As, make_app
from tests.intake.factories import CITY, ISSUER, OTHER_CITY, Cast, make_actor, make_person, make_unit
from tests.intake.owners import Owners
from tests.intake.people.administration import actions, administrator, match, memberships

from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.roles import Role
from common.testing import http

NOW, LATER, LATEST = "2020-06-01T09:00:00+08:00", "2020-06-10T00:00:00+08:00", "2020-06-20T00:00:00+08:00"


@pytest.fixture
async def head(db: Database) -> Actor:
    return await administrator(db)


@pytest.fixture
async def somebody(db: Database) -> str:
    async with db.write(ALL_CITIES) as session:
        return str((await make_person(session)).id)


def role(person_id: str, **changes: Any) -> dict[str, Any]:
    login = {"issuer": ISSUER, "subject": "wang", "login_kind": "personal"}
    return {"person_id": person_id, **login, "role": "expert", **changes}


async def resolve(acting: As, subject: str = "wang") -> list[str]:
    async with acting(None) as gateway:
        asked = {"issuer": ISSUER, "subject": subject}
        answer = await gateway.post("/v1/memberships/resolve", json=asked)
    return sorted(one["role"] for one in answer.json()["grants"])


async def test_a_role_is_granted_and_ended_and_granted_anew(
    acting: As, head: Actor, somebody: str, db: Database, business_clock: Any
) -> None:
    async with acting(head) as client:
        made = await client.post("/v1/memberships", json=role(somebody), headers={"Idempotency-Key": "m"})
        again = await client.post("/v1/memberships", json=role(somebody), headers={"Idempotency-Key": "m"})
        assert (made.status_code, made.json()) == (201, again.json())
        row = made.json()
        assert (row["state"], row["allowed_actions"][0]["allowed"]) == ("in_force", True)
        assert await resolve(acting) == ["expert"]
        twice = await client.post("/v1/memberships", json=role(somebody))
        assert (twice.status_code, twice.json()["code"]) == (409, "intake.membership_exists")
        path = f"/v1/memberships/{row['id']}/end"
        assert (await client.post(path, json={})).status_code == 428
        ended = await client.post(path, json={}, headers=match(row))
        assert (ended.json()["state"], ended.headers["etag"]) == ("ended", '"2"')
        assert await resolve(acting) == []
        after = await client.post(path, json={}, headers=match(ended.json()))
        assert (after.status_code, after.json()["code"]) == (409, "intake.membership_ended")
        business_clock.at(LATER)
        anew = (await client.post("/v1/memberships", json=role(somebody))).json()
        assert (anew["id"], anew["state"], len(anew["former"])) == (row["id"], "in_force", 1)
        assert anew["former"][0]["valid_to"] == ended.json()["valid_to"]
        assert await resolve(acting) == ["expert"]
        assert await memberships(client, person_ids=[somebody]) == [anew]
    assert (await actions(db))[-3:] == ["membership.granted", "membership.ended", "membership.granted"]


async def test_a_role_may_begin_and_end_later(
    acting: As, head: Actor, somebody: str, business_clock: Any
) -> None:
    async with acting(head) as client:
        body = role(somebody, valid_from=LATER)
        row = (await client.post("/v1/memberships", json=body)).json()
        path = f"/v1/memberships/{row['id']}/end"
        assert (row["state"], await resolve(acting)) == ("coming", [])
        row = (await client.post(path, json={"at": LATEST}, headers=match(row))).json()
        longer = await client.post(path, json={"at": "2021-01-01T00:00:00Z"}, headers=match(row))
        assert longer.json()["code"] == "intake.membership_ended"
        business_clock.at(LATER)
        assert await resolve(acting) == ["expert"]
        past = await client.post(path, json={"at": NOW}, headers=match(row))
        assert (past.status_code, past.json()["errors"][0]["pointer"]) == (422, "/at")
        business_clock.at(LATEST)
        assert await resolve(acting) == []
        assert (await memberships(client, person_ids=[somebody]))[0]["state"] == "ended"
        assert await memberships(client, person_ids=[somebody], in_force=True) == []


async def test_one_that_has_not_begun_never_does(
    acting: As, head: Actor, somebody: str, business_clock: Any
) -> None:
    async with acting(head) as client:
        row = (await client.post("/v1/memberships", json=role(somebody, valid_from=LATER))).json()
        ended = await client.post(f"/v1/memberships/{row['id']}/end", json={}, headers=match(row))
        assert ended.json()["valid_to"] == ended.json()["valid_from"]
    business_clock.at(LATEST)
    assert await resolve(acting) == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"role": "applicant"}, "/unit_id"),
        ({"unit_id": "0198c0de-0000-7000-8000-000000000001"}, "/unit_id"),
        ({"valid_from": LATER, "valid_to": LATER}, "/valid_to"),
        ({"valid_to": "2020-05-01T00:00:00Z"}, "/valid_to"),
        ({"role": "king"}, "/role"),
        ({"valid_from": "2020-06-10T00:00:00"}, "/valid_from"),
        ({"city": CITY}, "/city"),
    ],
)
async def test_what_cannot_be_granted(
    acting: As, head: Actor, somebody: str, changes: dict[str, Any], pointer: str
) -> None:
    async with acting(head) as client:
        answer = await client.post("/v1/memberships", json=role(somebody, **changes))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_unit_of_another_city_gives_no_role(
    acting: As, head: Actor, somebody: str, db: Database
) -> None:
    async with db.write(ALL_CITIES) as session:
        abroad = await make_unit(session, city=OTHER_CITY)
    async with acting(head) as client:
        body = role(somebody, role="applicant", unit_id=str(abroad.id))
        assert (await client.post("/v1/memberships", json=body)).json()["errors"][0]["pointer"] == "/unit_id"


async def test_a_login_stands_for_one_person(acting: As, head: Actor, somebody: str, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        other = str((await make_person(session)).id)
    async with acting(head) as client:
        row = (await client.post("/v1/memberships", json=role(somebody))).json()
        refused = await client.post("/v1/memberships", json=role(other, role="officer"))
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/subject")
        await client.post(f"/v1/memberships/{row['id']}/end", json={}, headers=match(row))
        assert (await client.post("/v1/memberships", json=role(other, role="officer"))).status_code == 201


async def test_a_city_keeps_its_last_administrator(
    acting: As, head: Actor, db: Database, business_clock: Any
) -> None:
    async with acting(head) as client:
        (own,) = await memberships(client, role="membership_administrator")
        path = f"/v1/memberships/{own['id']}/end"
        for when in ({}, {"at": LATER}):
            refused = await client.post(path, json=when, headers=match(own))
            assert (refused.status_code, refused.json()["code"]) == (409, "intake.last_administrator")
        async with db.write(ALL_CITIES) as session:
            second = str((await make_person(session)).id)
        short = role(second, role="membership_administrator", valid_to=LATER)
        assert (await client.post("/v1/memberships", json=short)).status_code == 201
        refused = await client.post(path, json={"at": LATEST}, headers=match(own))
        assert refused.status_code == 409  # nobody would be left then
        assert (await client.post(path, json={}, headers=match(own))).status_code == 200
        assert (await client.post("/v1/units", json={})).status_code in (403, 422)


async def test_two_administrators_cannot_end_each_other_at_once(live: Database, owners: Owners) -> None:
    app = make_app(live, owners)
    first, second = await administrator(live), await administrator(live)
    rows = {}
    async with http(app, first) as client:
        for row in await memberships(client, role="membership_administrator"):
            rows[row["person_id"]] = row

    async def end(actor: Actor, other: Actor) -> int:
        row = rows[str(other.person_id)]
        async with http(app, actor) as client:
            answer = await client.post(f"/v1/memberships/{row['id']}/end", json={}, headers=match(row))
        return answer.status_code

    found = await asyncio.gather(end(first, second), end(second, first))
    assert sorted(found)[0] == 200
    assert sorted(found)[1] in (403, 409)


async def test_who_sees_which_memberships(acting: As, cast: Cast, head: Actor, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        manager = await make_actor(session, Role.department_manager, unit=cast.unit)
        auditor = await make_actor(session, Role.auditor)

    async def seen(actor: Actor, **asked: Any) -> set[str]:
        async with acting(actor) as client:
            return {one["person_id"] for one in await memberships(client, **asked)}

    everybody = {str(one.person_id) for one in (head, manager, auditor, cast.officer)}
    everybody |= {str(one.person_id) for one in (cast.applicant, cast.recommender)}
    assert await seen(head) == await seen(auditor) == everybody
    assert await seen(cast.officer) == {str(cast.officer.person_id)}
    of_unit = {str(cast.applicant.person_id), str(manager.person_id)}
    assert await seen(manager) == of_unit == await seen(head, unit_id=str(cast.unit.id))
    async with acting(auditor) as client:
        assert [one["allowed_actions"] for one in await memberships(client)] == [[]] * len(everybody)
