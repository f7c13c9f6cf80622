"""Drafting: opening an application, its form, its team; and who may."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from tests.intake.factories import (
    CATEGORY,
    GUIDE,
    OTHER_CITY,
    Cast,
    make_actor,
    make_application,
    make_person,
    make_unit,
)

from common.db import ALL_CITIES, Database
from common.ids import new_id as random_id
from common.roles import Role
from common.tables import AUDIT
from intake.applications.models import Application
from intake.base import Base

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


def new(cast: Cast, **changed: Any) -> dict[str, Any]:
    whole = {"guide": GUIDE, "category": CATEGORY, "unit_id": str(cast.unit.id), "title": "  氟材料  "}
    return {**whole, **changed}


async def edit(
    client: httpx.AsyncClient, cast: Cast, body: dict[str, Any], match: str | None = '"1"'
) -> httpx.Response:
    headers = {"If-Match": match} if match else {}
    return await client.patch(f"/v1/applications/{cast.application.id}", json=body, headers=headers)


async def test_a_draft_is_opened(acting: As, cast: Cast) -> None:
    async with acting(cast.applicant) as client:
        answer = await client.post("/v1/applications", json=new(cast))
        assert answer.status_code == 201, answer.text
        body = answer.json()
        assert answer.headers["etag"] == '"1"'
        again = (await client.post("/v1/applications/batch", json={"ids": [body["id"]]})).json()["items"][0]
    assert again == body
    assert body["title"] == "氟材料"
    assert (body["state"], body["revision"], body["pack_version"], body["form"]) == ("draft", 1, None, {})
    assert body["recommending_unit_id"] == str(cast.recommending_unit.id)
    assert body["created_by"] == str(cast.applicant.person_id)
    actions = {line["action"]: line for line in body["allowed_actions"]}
    assert actions["submit"]["allowed"] is actions["edit"]["allowed"] is True
    assert actions["object"]["reason"] == "not_in_state"
    assert actions["object"]["reason_zh"]
    assert "approve" not in actions


async def test_the_same_key_opens_one_draft(acting: As, cast: Cast) -> None:
    async with acting(cast.applicant) as client:
        headers = {"Idempotency-Key": "draft-1"}
        first = await client.post("/v1/applications", json=new(cast), headers=headers)
        second = await client.post("/v1/applications", json=new(cast), headers=headers)
        other = await client.post("/v1/applications", json=new(cast, title="别的"), headers=headers)
    assert first.json()["id"] == second.json()["id"]
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"guide": "qz-1999"}, 409, "intake.call_not_published"),
        ({"category": "qz20"}, 422, "intake.category_unknown"),
        ({"category": "qz20-t-1-1-fluorine"}, 422, "intake.category_unknown"),
        ({"unit_id": str(random_id())}, 404, "common.not_found"),
        ({"title": "   "}, 422, "common.invalid"),
        ({"title": "长" * 201}, 422, "common.invalid"),
        ({"unit_id": 5}, 422, "common.invalid"),
        ({"state": "approved"}, 422, "common.invalid"),
    ],
)
async def test_a_bad_draft_is_refused(
    acting: As, cast: Cast, db: Database, changed: dict[str, Any], status: int, code: str
) -> None:
    async with acting(cast.applicant) as client:
        answer = await client.post("/v1/applications", json=new(cast, **changed))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    async with db.read(ALL_CITIES) as session:
        assert len(list(await session.scalars(select(Application.id)))) == 1


async def test_a_draft_is_opened_by_the_units_applicant_only(acting: As, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        neighbour = await make_actor(session, Role.applicant, unit=await make_unit(session))
        foreign_unit = await make_unit(session, city=OTHER_CITY)
        foreigner = await make_actor(session, Role.applicant, city=OTHER_CITY, unit=foreign_unit)
    for actor, unit, status in (
        (neighbour, cast.unit.id, 404),
        (foreigner, cast.unit.id, 404),
        (foreigner, foreign_unit.id, 409),
        (cast.recommender, cast.unit.id, 403),
    ):
        async with acting(actor) as client:
            answer = await client.post("/v1/applications", json=new(cast, unit_id=str(unit)))
        assert answer.status_code == status, answer.text


async def test_the_form_merges_and_forgets(acting: As, cast: Cast) -> None:
    async with acting(cast.applicant) as client:
        form = {"project.identity": "高纯氟化物", "commitment.truth_declared": None}
        answer = await edit(client, cast, {"form": form, "title": "新题目"})
        assert answer.status_code == 200, answer.text
        assert answer.headers["etag"] == '"2"'
        body = answer.json()
        assert body["form"] == {"project.topic": "qz20-t-1-1-fluorine", "project.identity": "高纯氟化物"}
        assert (body["title"], body["revision"]) == ("新题目", 2)
        assert (await edit(client, cast, {"title": "x"})).status_code == 412
        assert (await edit(client, cast, {"title": "x"}, match=None)).status_code == 428
        assert (await edit(client, cast, {"title": "x"}, match='"one"')).status_code == 422


@pytest.mark.parametrize(
    ("form", "pointer", "code"),
    [
        ({"budget.rd_total": "3000000"}, "/form/budget.rd_total", "value"),
        ({"budget.rd_total": 1.5}, "/form/budget.rd_total", "value"),
        ({"budget.rd_total": -1}, "/form/budget.rd_total", "value"),
        ({"project.topic": "氟材料"}, "/form/project.topic", "value"),
        ({"project.start": "2020-02-30"}, "/form/project.start", "value"),
        ({"commitment.truth_declared": "是"}, "/form/commitment.truth_declared", "value"),
        ({"no.such/fact": 1}, "/form/no.such~1fact", "fact"),
        ({"applicant.rd_spend_2019": 5}, "/form/applicant.rd_spend_2019", "owner"),
        ({"blacklist.listed": False}, "/form/blacklist.listed", "owner"),
        ({"submission.received_at": "2020-06-01T00:00:00+08:00"}, "/form/submission.received_at", "owner"),
        ({"call.close_at": "2030-06-01T00:00:00+08:00"}, "/form/call.close_at", "owner"),
        ({"project.identity": "字" * 100_000}, "/form", "too_long"),
    ],
)
async def test_a_wrong_fact_is_refused_with_its_place(
    acting: As, cast: Cast, form: dict[str, Any], pointer: str, code: str
) -> None:
    async with acting(cast.applicant) as client:
        answer = await edit(client, cast, {"form": {"project.topic": "qz20-t-1-2-silicone", **form}})
        after = (
            await client.post("/v1/applications/batch", json={"ids": [str(cast.application.id)]})
        ).json()["items"][0]
    assert answer.status_code == 422
    assert answer.json()["code"] == "intake.form_invalid"
    assert {"pointer": pointer, "code": code}.items() <= answer.json()["errors"][0].items()
    assert (after["revision"], after["form"]["project.topic"]) == (1, "qz20-t-1-1-fluorine")


async def test_leader_and_members_are_one_team(acting: As, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        first, second = [await make_person(session, unit=cast.unit) for _ in range(2)]
        stranger = await make_person(session, unit=await make_unit(session))
    old = str(cast.application.leader_id)
    async with acting(cast.applicant) as client:
        body = (await edit(client, cast, {"leader_id": str(first.id)})).json()
        assert body["leader_id"] == str(first.id)
        assert body["members"] == [
            {"person_id": str(first.id), "role": "leader"},
            {"person_id": old, "role": "main"},
        ]
        members = [{"person_id": old, "role": "leader"}, {"person_id": str(second.id), "role": "other"}]
        body = (await edit(client, cast, {"members": members}, match='"2"')).json()
        assert (body["leader_id"], body["members"]) == (old, members)
        for wrong in ([{"person_id": str(stranger.id), "role": "main"}], [members[0], members[0]]):
            answer = await edit(client, cast, {"members": wrong}, match='"3"')
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["pointer"].startswith("/members/")
        answer = await edit(client, cast, {"members": [{"person_id": old, "role": "boss"}]}, match='"3"')
        assert answer.status_code == 422
        body = (await edit(client, cast, {"leader_id": None}, match='"3"')).json()
        assert (body["leader_id"], {one["role"] for one in body["members"]}) == (None, {"main", "other"})


async def test_what_is_handed_in_cannot_be_edited(acting: As, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        row = await session.get(Application, cast.application.id)
        assert row is not None
        row.state = "submitted"
    async with acting(cast.applicant) as client:
        answer = await edit(client, cast, {"title": "x"})
    assert (answer.status_code, answer.json()["reason"]) == (409, "not_in_state")


async def test_withdrawing_needs_a_reason_and_the_right_state(acting: As, cast: Cast, db: Database) -> None:
    path = f"/v1/applications/{cast.application.id}/withdraw"
    async with acting(cast.applicant) as client:
        assert (await client.post(path, json={"reason": " "})).status_code == 422
        body = (await client.post(path, json={"reason": "人员变动"})).json()
        assert body["state"] == "withdrawn"
        assert body["failure"] == {"code": "intake.withdrawn", "rules": [], "reason": "人员变动"}
        assert (await client.post(path, json={"reason": "再次"})).status_code == 409
    async with db.write(ALL_CITIES) as session:
        approved = await make_application(session, cast.unit, state="approved")
        table = Base.metadata.tables[AUDIT]
        rows = await session.execute(
            select(table.c.action).where(table.c.object_id == str(cast.application.id))
        )
        assert rows.scalars().all() == ["application.withdrawn"]
    async with acting(cast.applicant) as client:
        answer = await client.post(f"/v1/applications/{approved.id}/withdraw", json={"reason": "x"})
    assert answer.status_code == 409
