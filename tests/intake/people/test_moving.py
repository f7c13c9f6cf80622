"""A person who changes units: what goes along, what stays, and what is no longer theirs."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select
from tests.intake.conftest import As
from tests.intake.factories import OTHER_CITY, Cast, make_actor, make_person, make_unit
from tests.intake.people.administration import actions, administrator, match, memberships, person

from common.actor import Actor, Grant
from common.clock import clock
from common.db import ALL_CITIES, Database
from common.roles import Role
from intake.applications import facts
from intake.applications.facts import Filing
from intake.applications.models import Application
from intake.guides import service as guides
from intake.people.models import Unit
from intake.reviews import queries as reviews

BEFORE, AT, LATER = "2020-06-01T09:00:00+08:00", "2020-06-05T00:00:00+08:00", "2020-06-09T00:00:00+08:00"


@pytest.fixture
async def head(db: Database) -> Actor:
    return await administrator(db)


@pytest.fixture
async def elsewhere(db: Database) -> Unit:
    async with db.write(ALL_CITIES) as session:
        return await make_unit(session)


async def move(acting: As, head: Actor, person_id: Any, unit: Unit, **body: Any) -> httpx.Response:
    async with acting(head) as client:
        row = await person(client, person_id)
        path = f"/v1/people/{person_id}/move"
        return await client.post(path, json={"unit_id": str(unit.id), **body}, headers=match(row))


def at_unit(actor: Actor, unit: Unit) -> Actor:
    """The same login, resolved after the move."""
    grants = tuple(Grant(one.role, one.city, unit.id, one.login_kind) for one in actor.grants)
    return Actor(
        caller="gateway",
        subject=actor.subject,
        person_id=actor.person_id,
        grants=grants,
        cities=actor.cities,
    )


async def test_memberships_end_and_begin_at_one_instant(
    acting: As, cast: Cast, head: Actor, elsewhere: Unit, db: Database, business_clock: Any
) -> None:
    business_clock.at(LATER)
    answer = await move(acting, head, cast.applicant.person_id, elsewhere, at=AT)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    ((ended,), (granted,)) = found["ended"], found["granted"]
    assert (ended["unit_id"], ended["state"]) == (str(cast.unit.id), "ended")
    assert (granted["unit_id"], granted["role"], granted["state"]) == (
        str(elsewhere.id),
        "applicant",
        "in_force",
    )
    assert ended["valid_to"] == granted["valid_from"]
    assert (granted["issuer"], granted["subject"]) == (ended["issuer"], ended["subject"])
    async with acting(head) as client:
        row = await person(client, cast.applicant.person_id)
        assert (row["id"], row["unit_id"]) == (str(cast.applicant.person_id), str(elsewhere.id))
        assert len(await memberships(client, person_ids=[row["id"]])) == 2
    done = await actions(db)
    assert done[-3:] == ["membership.ended", "membership.granted", "person.moved"]


async def test_back_again_the_history_has_every_period(
    acting: As, cast: Cast, head: Actor, elsewhere: Unit, business_clock: Any
) -> None:
    await move(acting, head, cast.applicant.person_id, elsewhere)
    business_clock.at(AT)
    back = await move(acting, head, cast.applicant.person_id, cast.unit)
    assert back.status_code == 200, back.text
    (again,) = back.json()["granted"]
    assert (again["state"], len(again["former"])) == ("in_force", 1)
    assert (again["former"][0]["valid_to"], again["valid_from"]) == (
        "2020-06-01T01:00:00Z",
        "2020-06-04T16:00:00Z",
    )


async def test_drafts_of_the_old_unit_are_no_longer_theirs(
    acting: As, cast: Cast, head: Actor, elsewhere: Unit
) -> None:
    await move(acting, head, cast.applicant.person_id, elsewhere)
    path, body = f"/v1/applications/{cast.application.id}", {"title": "带走"}
    async with acting(cast.applicant) as client:  # the token still names the old unit
        assert (await client.patch(path, json=body, headers={"If-Match": '"1"'})).status_code == 403
    moved = at_unit(cast.applicant, elsewhere)
    async with acting(moved) as client:
        assert (await client.patch(path, json=body, headers={"If-Match": '"1"'})).status_code == 404
        new = {"guide": "qz-2020", "category": "qz20-rd", "unit_id": str(elsewhere.id), "title": "新"}
        assert (await client.post("/v1/applications", json=new)).status_code == 201
        old = {**new, "unit_id": str(cast.unit.id)}
        assert (await client.post("/v1/applications", json=old)).status_code == 404


async def test_applications_stay_with_the_unit_that_made_them(
    acting: As, cast: Cast, head: Actor, elsewhere: Unit, db: Database
) -> None:
    """Unit and team are as of then, and the old unit still sees who leads its project."""
    leader = cast.application.leader_id
    async with db.write(ALL_CITIES) as session:
        colleague = await make_actor(session, Role.applicant, unit=cast.unit)
        neighbour = await make_actor(session, Role.applicant, unit=await make_unit(session))
    answer = await move(acting, head, leader, elsewhere)
    assert answer.status_code == 200, answer.text
    async with acting(colleague) as client:
        batch = {"ids": [str(cast.application.id)]}
        (row,) = (await client.post("/v1/applications/batch", json=batch)).json()["items"]
        assert (row["unit_id"], row["leader_id"]) == (str(cast.unit.id), str(leader))
        assert [one["person_id"] for one in row["members"]] == [str(leader)]
        assert (await person(client, leader))["name"]
    async with acting(neighbour) as client:
        seen = await client.post("/v1/people/batch", json={"ids": [str(leader)]})
        assert seen.json()["items"] == []


async def test_facts_of_what_was_filed_stay_true(
    acting: As, cast: Cast, head: Actor, elsewhere: Unit, db: Database
) -> None:
    async def gathered() -> dict[str, Any]:
        async with db.read(ALL_CITIES) as session:
            row = await session.get_one(Application, cast.application.id)
            pack = await guides.current(session, row.guide)
            assert pack is not None
            filing = Filing(clock.business(), "personal", clock.business())
            found = await facts.gather(session, row, pack, filing)
            return {one.name: one.value for one in found.facts} | {"unit": found.unit, "team": found.people}

    before = await gathered()
    assert before["unit"]["id"] == str(cast.unit.id)
    assert (await move(acting, head, cast.application.leader_id, elsewhere)).status_code == 200
    assert await gathered() == before


async def test_who_left_a_unit_does_not_judge_its_projects(
    acting: As, cast: Cast, head: Actor, elsewhere: Unit, db: Database
) -> None:
    async with db.write(ALL_CITIES) as session:
        expert = await make_person(session, unit=cast.unit)
    await move(acting, head, expert.id, elsewhere)
    async with db.read(ALL_CITIES) as session:
        row = (await session.scalars(select(Application))).one()
        assert await reviews.interested(session, row, [expert.id]) == {expert.id}


async def test_other_roles_at_the_new_unit(
    acting: As, cast: Cast, head: Actor, elsewhere: Unit, db: Database
) -> None:
    answer = await move(
        acting, head, cast.applicant.person_id, elsewhere, roles=["department_manager", "project_leader"]
    )
    assert sorted(one["role"] for one in answer.json()["granted"]) == ["department_manager", "project_leader"]
    none = await move(acting, head, cast.applicant.person_id, cast.unit, roles=[])
    assert (none.json()["granted"], len(none.json()["ended"])) == ([], 2)


async def test_a_person_without_login_moves_too(acting: As, cast: Cast, head: Actor, elsewhere: Unit) -> None:
    answer = await move(acting, head, cast.application.leader_id, elsewhere)
    assert (answer.json()["ended"], answer.json()["granted"]) == ([], [])


async def test_impossible_moves_change_nothing(
    acting: As, cast: Cast, head: Actor, elsewhere: Unit, db: Database
) -> None:
    async with db.write(ALL_CITIES) as session:
        abroad = await make_unit(session, city=OTHER_CITY)
    before = await actions(db)
    for unit, more, pointer in (
        (cast.unit, {}, "/unit_id"),
        (abroad, {}, "/unit_id"),
        (elsewhere, {"at": LATER}, "/at"),
        (elsewhere, {"roles": ["officer"]}, "/roles/0"),
    ):
        answer = await move(acting, head, cast.applicant.person_id, unit, **more)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    async with acting(head) as client:
        path, body = f"/v1/people/{cast.applicant.person_id}/move", {"unit_id": str(elsewhere.id)}
        assert (await client.post(path, json=body)).status_code == 428
        assert (await client.post(path, json=body, headers={"If-Match": '"9"'})).status_code == 412
        assert [one["state"] for one in await memberships(client, unit_id=str(cast.unit.id))] == ["in_force"]
    assert await actions(db) == before
