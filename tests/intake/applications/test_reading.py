"""Who sees which application, and how much of it; search, precheck and tickets."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from sqlalchemy import Uuid, literal, select
from tests.intake.factories import (
    OTHER_CITY,
    Cast,
    make_actor,
    make_application,
    make_unit,
)
from tests.intake.owners import Owners

from common.actor import Actor
from common.clock import clock
from common.db import ALL_CITIES, Database
from common.ids import new_id
from common.roles import Role
from common.testing import tokens_of
from intake.applications import queries
from intake.applications.models import Application

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


async def found(acting: As, actor: Actor, **asked: Any) -> list[str]:
    async with acting(actor) as client:
        answer = await client.post("/v1/applications/search", json=asked)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def set_state(db: Database, cast: Cast, **columns: Any) -> None:
    async with db.write(ALL_CITIES) as session:
        row = await session.get(Application, cast.application.id)
        assert row is not None
        for name, value in columns.items():
            setattr(row, name, value)


async def test_who_sees_what(acting: As, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        manager = await make_actor(session, Role.department_manager, unit=cast.unit)
        neighbour = await make_actor(session, Role.applicant, unit=await make_unit(session))
        foreign_officer = await make_actor(session, Role.officer, city=OTHER_CITY)
        auditor = await make_actor(session, Role.auditor)
        portal = await make_actor(session, Role.portal_client)
    mine = [str(cast.application.id)]
    for actor in (cast.applicant, manager, cast.officer, auditor):
        assert await found(acting, actor) == mine
    for actor in (neighbour, foreign_officer, portal, cast.recommender):  # a draft is not the recommender's
        assert await found(acting, actor) == []
        async with acting(actor) as client:
            answer = await client.post("/v1/applications/batch", json={"ids": mine})
        assert answer.json() == {"items": []}
    await set_state(db, cast, state="withdrawn")  # and does not become it when it was never sent
    assert await found(acting, cast.recommender) == []
    await set_state(db, cast, state="submitted", received_at=clock.business())
    assert await found(acting, cast.recommender) == mine


@pytest.fixture
def assigned(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    """Every expert is assigned to the cast's application."""
    chosen = select(literal(cast.application.id, Uuid))
    monkeypatch.setattr(queries, "expert_sources", [lambda _person: chosen])


async def test_an_expert_sees_no_unit_and_no_team(
    acting: As, cast: Cast, db: Database, assigned: None
) -> None:
    async with db.write(ALL_CITIES) as session:
        expert = await make_actor(session, Role.expert)
        await make_application(session, cast.unit, state="expert_review")
    async with acting(expert) as client:
        (seen,) = (await client.post("/v1/applications/search", json={})).json()["items"]
    assert seen["id"] == str(cast.application.id)
    hidden = ("unit_id", "leader_id", "created_by", "recommending_unit_id")
    assert {seen[name] for name in hidden} == {None}
    assert seen["members"] == []
    async with acting(expert) as client:
        answer = await client.post(f"/v1/applications/{seen['id']}/precheck", json={})
    assert answer.status_code == 404


async def test_search_narrows_and_pages(acting: As, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        rows = [
            await make_application(session, cast.unit, state="submitted", category="qz20-major")
            for _ in range(3)
        ]
    assert len(await found(acting, cast.officer)) == 4
    assert await found(acting, cast.officer, states=["draft"]) == [str(cast.application.id)]
    assert len(await found(acting, cast.officer, category="qz20-major", guide="qz-2020")) == 3
    assert await found(acting, cast.officer, text=rows[1].title[-2:], category="qz20-major") != []
    assert await found(acting, cast.officer, text="%") == []
    assert await found(acting, cast.officer, unit_id=str(cast.recommending_unit.id)) == []
    async with acting(cast.officer) as client:
        seen: list[str] = []
        after = None
        for _ in range(2):
            page = (await client.post("/v1/applications/search", json={"first": 2, "after": after})).json()
            seen += [one["id"] for one in page["items"]]
            after = page["next_cursor"]
        assert after is None
        assert len(set(seen)) == 4
        for wrong in ({"after": "nonsense"}, {"first": 0}, {"first": 101}, {"states": ["asleep"]}, {"x": 1}):
            assert (await client.post("/v1/applications/search", json=wrong)).status_code == 422
        assert (await client.post("/v1/applications/batch", json={"ids": ["x"]})).status_code == 422


async def test_a_precheck_stores_nothing(acting: As, cast: Cast, owners: Owners) -> None:
    path = f"/v1/applications/{cast.application.id}/precheck"
    async with acting(cast.applicant) as client:
        body = (await client.post(path, json={})).json()
        assert (await client.post(path, json={"stage": "lunch"})).status_code == 422
    outcomes = {one["rule"]: one["outcome"] for one in body["findings"]}
    assert outcomes["QZ-WIN-01"] == "pass"
    assert outcomes["QZ-CH-03"] == "pass"
    assert body["checklist"][0]["material"] == "QZ-D02"
    (asked,) = owners.questions("eligibility", "/v1/prechecks")
    assert asked["use_registers"] is True
    assert asked["facts"]["session"]["login_kind"] == "personal"
    assert owners.bundles == {}


async def test_a_precheck_says_that_eligibility_is_away(acting: As, cast: Cast, owners: Owners) -> None:
    owners.down = {"eligibility"}
    async with acting(cast.applicant) as client:
        answer = await client.post(f"/v1/applications/{cast.application.id}/precheck", json={})
    assert (answer.status_code, answer.json()["service"]) == (503, "eligibility")


def claims(ticket: str) -> dict[str, Any]:
    signer, found = tokens_of("documents").read(ticket, audience="documents")
    assert signer == "intake"
    return found


UPLOAD = {
    "material": "QZ-D05",
    "filename": "承诺书.pdf",
    "content_type": "application/pdf",
    "size": 2000,
    "attributes": {"commitment.unit_signed": True},
}


async def test_an_upload_ticket_binds_the_file(acting: As, cast: Cast) -> None:
    path = f"/v1/applications/{cast.application.id}/upload-tickets"
    async with acting(cast.applicant) as client:
        answer = await client.post(path, json=UPLOAD)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    signed = claims(body["ticket"])
    assert body["upload_path"] == "/v1/files"
    assert signed["file_id"] == body["file_id"]
    assert signed["application_id"] == signed["sub"] == str(cast.application.id)
    assert (signed["guide"], signed["category"], signed["bundle"]) == ("qz-2020", "qz20-rd", "identity")
    assert signed["attributes"] == {"commitment.unit_signed": True}
    assert signed["max_bytes"] > 0


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"material": "QZ-D99"}, "/material"),
        ({"material": "QZ-D01"}, "/material"),  # the online form is no file
        ({"size": 10**12}, "/size"),
        ({"attributes": {"blacklist.listed": False}}, "/attributes/blacklist.listed"),
        ({"attributes": {"commitment.unit_signed": "yes"}}, "/attributes/commitment.unit_signed"),
        ({"attributes": {"commitment.unit_signed": [True]}}, "/attributes/commitment.unit_signed"),
        ({"attributes": {"commitment.unit_signed": "是" * 4096}}, "/attributes"),
        ({"filename": ""}, "/filename"),
        ({"content_type": "pdf"}, "/content_type"),
    ],
)
async def test_a_wrong_upload_is_refused(
    acting: As, cast: Cast, changed: dict[str, Any], pointer: str
) -> None:
    path = f"/v1/applications/{cast.application.id}/upload-tickets"
    async with acting(cast.applicant) as client:
        answer = await client.post(path, json={**UPLOAD, **changed})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_each_step_uploads_its_own_materials(acting: As, cast: Cast, db: Database) -> None:
    path = f"/v1/applications/{cast.application.id}/upload-tickets"
    form = {**UPLOAD, "material": "QZ-D08", "attributes": {}}

    async def status(actor: Actor, body: dict[str, Any]) -> int:
        async with acting(actor) as client:
            return (await client.post(path, json=body)).status_code

    assert await status(cast.applicant, form) == 403
    await set_state(db, cast, state="initial_review_passed", received_at=clock.business())
    assert await status(cast.recommender, form) == 201
    assert await status(cast.applicant, UPLOAD) == 409
    assert await status(cast.recommender, UPLOAD) == 409
    await set_state(db, cast, state="proposed")
    assert await status(cast.recommender, form) == 409


async def test_a_download_ticket_is_for_the_applications_own_files(
    acting: As, cast: Cast, owners: Owners
) -> None:
    file, other = new_id(), new_id()
    owners.files = [
        {"id": str(file), "application_id": str(cast.application.id), "material": "m", "bundle": "identity"},
        {"id": str(other), "application_id": str(new_id()), "material": "m", "bundle": "identity"},
    ]
    path = f"/v1/applications/{cast.application.id}/download-tickets"
    async with acting(cast.applicant) as client:
        answer = await client.post(path, json={"file_id": str(file)})
        assert answer.status_code == 201, answer.text
        assert answer.json()["path"] == f"/v1/files/{file}"
        signed = claims(answer.json()["ticket"])
        assert (signed["file_id"], signed["purpose"], signed["city"]) == (str(file), "own", "330800")
        for unknown in (other, new_id()):
            assert (await client.post(path, json={"file_id": str(unknown)})).status_code == 404
    async with acting(cast.officer) as client:
        assert (
            claims((await client.post(path, json={"file_id": str(file)})).json()["ticket"])["purpose"]
            == "office"
        )
    async with acting(cast.recommender) as client:
        assert (await client.post(path, json={"file_id": str(file)})).status_code == 404


async def test_an_expert_downloads_blind_sealed_files_only(
    acting: As, cast: Cast, db: Database, owners: Owners, assigned: None
) -> None:
    blind, identity, later, bundle = new_id(), new_id(), new_id(), new_id()
    owners.bundles[str(bundle)] = {
        "id": str(bundle),
        "files": [
            {"file_id": str(blind), "material": "QZ-D02", "bundle": "blind"},
            {"file_id": str(identity), "material": "QZ-D05", "bundle": "identity"},
        ],
    }
    async with db.write(ALL_CITIES) as session:
        expert = await make_actor(session, Role.expert)
    path = f"/v1/applications/{cast.application.id}/download-tickets"
    async with acting(expert) as client:
        assert (await client.post(path, json={"file_id": str(blind)})).status_code == 404  # nothing sealed
        await set_state(db, cast, bundle_id=bundle, state="expert_review")
        signed = claims((await client.post(path, json={"file_id": str(blind)})).json()["ticket"])
        assert (signed["bundle"], signed["bundle_id"], signed["purpose"]) == ("blind", str(bundle), "review")
        for hidden in (identity, later):
            assert (await client.post(path, json={"file_id": str(hidden)})).status_code == 404


async def test_batches_at_once_share_nothing(acting: As, cast: Cast) -> None:
    ids = {"ids": [str(cast.application.id)] * 3}
    async with acting(cast.applicant) as client:
        answers = await asyncio.gather(*(client.post("/v1/applications/batch", json=ids) for _ in range(5)))
    assert {len(answer.json()["items"]) for answer in answers} == {1}
