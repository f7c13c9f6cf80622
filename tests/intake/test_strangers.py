"""What an expert, a neighbour or another city's bureau must not learn or do, tried one by one."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.intake.conftest import make_app
from tests.intake.factories import (
    GUIDE,
    ISSUER,
    OTHER_CITY,
    Cast,
    make_actor,
    make_application,
    make_person,
    make_unit,
    pack,
    pack_text,
)
from tests.intake.reviews.bureau import Bureau, id_of, scored, submitted_cast

from common.actor import Actor, Grant
from common.db import ALL_CITIES, Database
from common.ids import new_id
from common.pagination import encode_cursor
from common.roles import Role
from common.testing import http
from intake.applications.models import Application
from intake.guides import queries as guide_queries
from intake.people.models import Membership

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
JSON = {"content-type": "application/json"}


async def ids_found(acting: As, actor: Actor, **asked: Any) -> list[str]:
    async with acting(actor) as client:
        answer = await client.post("/v1/applications/search", json=asked)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


@pytest.fixture
async def reviewed(db: Database) -> tuple[Cast, Actor]:
    """An application under expert review, with assessments and a reason in words, and an expert of it."""
    async with db.write(ALL_CITIES) as session:
        cast = await submitted_cast(session, "expert_review")
        expert = await make_actor(session, Role.expert)
        (one,) = await scored(session, cast.application, None)
        one.expert_id = id_of(expert)
        cast.application.assessments = {"submission": str(new_id())}
        cast.application.failure = {"code": "intake.x", "rules": [], "reason": cast.unit.name}
    return cast, expert


async def test_an_expert_cannot_find_an_application_by_its_unit(
    acting: As, reviewed: tuple[Cast, Actor]
) -> None:
    cast, expert = reviewed
    mine = [str(cast.application.id)]
    unit, above = str(cast.unit.id), str(cast.recommending_unit.id)
    assert await ids_found(acting, expert) == mine
    assert await ids_found(acting, expert, unit_id=unit) == []
    assert await ids_found(acting, expert, recommending_unit_id=above) == []
    assert await ids_found(acting, cast.officer, unit_id=unit, recommending_unit_id=above) == mine


async def test_an_expert_is_told_no_assessment_and_no_reason(
    acting: As, reviewed: tuple[Cast, Actor]
) -> None:
    cast, expert = reviewed
    async with acting(expert) as client:
        answer = await client.post("/v1/applications/batch", json={"ids": [str(cast.application.id)]})
    (seen,) = answer.json()["items"]
    assert (seen["assessments"], seen["failure"]) == ({}, None)
    for hidden in (cast.unit.id, cast.unit.name, cast.recommending_unit.id, cast.application.leader_id):
        assert str(hidden) not in answer.text


async def test_roles_of_two_cities_do_not_mix(acting: As, db: Database) -> None:
    """An officer elsewhere who applies here, and an applicant elsewhere who is an expert here."""
    async with db.write(ALL_CITIES) as session:
        cast = await submitted_cast(session)
        own = await make_unit(session)
        person = await make_actor(session, Role.applicant, unit=own)
    grants = (*person.grants, *(Grant(role, OTHER_CITY) for role in Role if role != Role.applicant))
    both = replace(person, grants=grants, cities=frozenset({"330800", OTHER_CITY}))
    one = f"/v1/applications/{cast.application.id}"
    assert await ids_found(acting, both) == []
    async with acting(both) as client:
        for path in (
            "initial-review",
            "accept",
            "formal-review",
            "recommend",
            "withdraw",
            "reopen",
            "approve",
        ):
            bodies = {
                "initial-review": {"decision": "approved"},
                "accept": {"sealed": True},
                "formal-review": {"decision": "pass"},
                "recommend": {},
                "approve": {"grant": None},
            }
            answer = await client.post(f"{one}/{path}", json=bodies.get(path, {"reason": "x"}))
            assert answer.status_code == 404, (path, answer.text)
        batch = {"ids": [str(cast.application.attempt_id)]}
        assert (await client.post("/v1/attempts/batch", json=batch)).json() == {"items": []}
        trail = await client.get("/v1/audit", params={"application_id": str(cast.application.id)})
        assert trail.json() == {"items": []}
        units = {"ids": [str(cast.unit.id)]}
        assert (await client.post("/v1/units/batch", json=units)).json() == {"items": []}


async def test_a_login_of_legal_persons_elsewhere_does_not_recommend_here(acting: As, db: Database) -> None:
    """Another city's administrator writes down its own kind of login; it counts there only."""
    async with db.write(ALL_CITIES) as session:
        cast = await submitted_cast(session, "initial_review_passed")
        personal = await make_actor(session, Role.recommender, unit=cast.recommending_unit)
        far = await make_unit(session, city=OTHER_CITY, reg_region="330100")
        session.add(
            Membership(
                id=UUID(int=1),  # stands before the others
                city=OTHER_CITY,
                issuer=ISSUER,
                subject=personal.subject,
                person_id=(await make_person(session, city=OTHER_CITY)).id,
                role=Role.recommender.value,
                unit_id=far.id,
                login_kind="legal_person",
                created_at=cast.application.created_at,
            )
        )
    async with acting(None) as gateway:
        wanted = {"issuer": ISSUER, "subject": personal.subject}
        found = (await gateway.post("/v1/memberships/resolve", json=wanted)).json()
    kinds = {one["city"]: one["login_kind"] for one in found["grants"]}
    assert kinds == {OTHER_CITY: "legal_person", "330800": "personal"}
    assert found["login_kind"] == "legal_person"
    grants = tuple(
        Grant(Role(one["role"]), one["city"], UUID(one["unit_id"]), one["login_kind"])
        for one in found["grants"]
    )
    resolved = replace(
        personal, grants=grants, login_kind=found["login_kind"], cities=frozenset(found["cities"])
    )
    async with acting(resolved) as client:
        answer = await client.post(f"/v1/applications/{cast.application.id}/recommend", json={})
    assert (answer.status_code, answer.json()["reason"]) == (409, "login_kind")


async def test_a_login_stands_for_one_person_in_a_city(acting: As, db: Database) -> None:
    def file(ref: str, role: str) -> dict[str, Any]:
        login = {"issuer": ISSUER, "subject": "two-faced", "city": "330800"}
        return {
            "people": [{"ref": ref, "name": f"丙{ref}", "city": "330800"}],
            "memberships": [{**login, "person_ref": ref, "role": role}],
        }

    async with acting(None, caller="operator") as client:
        first = await client.post("/v1/memberships/import", json=file("a", "expert"))
        other = await client.post("/v1/memberships/import", json=file("b", "officer"))
        same = await client.post("/v1/memberships/import", json=file("a", "officer"))
        moved = file("b", "expert")
        moved["memberships"].append({**moved["memberships"][0], "role": "officer"})
        handed_over = await client.post("/v1/memberships/import", json=moved)
    assert first.status_code == 200
    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (422, "/memberships/0/person_ref")
    assert same.status_code == 200
    assert handed_over.status_code == 200, handed_over.text


async def test_a_guide_is_shown_once_it_was_in_force(acting: As, db: Database, cast: Cast) -> None:
    text = pack_text().replace("budget.rd_total >= 3000000", "budget.rd_total >= 4000000")
    async with db.write(ALL_CITIES) as session:
        await guide_queries.add_version(session, "330800", GUIDE, "f" * 64, text)
        await guide_queries.add_version(session, "330800", "qz-2021", "e" * 64, text)
        administrator = await make_actor(session, Role.guide_administrator)
        elsewhere = await make_actor(session, Role.guide_administrator, city=OTHER_CITY)
    draft = f"/v1/guides/{GUIDE}/versions/{'f' * 64}"
    for actor in (cast.applicant, cast.officer, elsewhere, replace(cast.applicant, anonymous=True)):
        async with acting(actor) as client:
            shown = (await client.get(f"/v1/guides/{GUIDE}")).json()["versions"]
            assert [one["version"] for one in shown] == [pack().version]
            assert (await client.get(draft)).status_code == 404
            assert (await client.get("/v1/guides/qz-2021")).status_code == 404
    async with acting(administrator) as client:
        assert len((await client.get(f"/v1/guides/{GUIDE}")).json()["versions"]) == 2
        assert (await client.get(draft)).json()["text"] == text
        assert (await client.get("/v1/guides/qz-2021")).status_code == 200


BAD_FORMS = (
    b'{"form": {"project.identity": "a\\u0000b"}}',
    b'{"form": {"project.identity": "a\\ud800b"}}',
    b'{"form": {"project.\\ud800": "x"}}',
    b'{"form": {"budget.rd_total": %s}}' % (b"9" * 30),
    b'{"form": {"budget.rd_total": NaN}}',
    b'{"form": {"project.identity": %s}}' % (b"[" * 300 + b"]" * 300),
)


@pytest.mark.parametrize("content", BAD_FORMS, ids=range(len(BAD_FORMS)))
async def test_a_form_that_no_column_holds(acting: As, cast: Cast, content: bytes) -> None:
    path, headers = f"/v1/applications/{cast.application.id}", {**JSON, "if-match": '"1"'}
    async with acting(cast.applicant) as client:
        answer = await client.patch(path, content=content, headers=headers)
        assert answer.status_code == 422, answer.text
        row = (await client.post("/v1/applications/batch", json={"ids": [path[-36:]]})).json()["items"][0]
    assert row["revision"] == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"after": encode_cursor({"application": "x"})},
        {"after": encode_cursor({"application": None})},
        {"after": "é"},
        {"text": "a\0"},
        {"guide": "\0"},
    ],
)
async def test_a_search_for_what_cannot_be(acting: As, cast: Cast, asked: dict[str, Any]) -> None:
    async with acting(cast.applicant) as client:
        answer = await client.post("/v1/applications/search", json=asked)
    assert answer.status_code == 422, answer.text


async def test_an_attempt_is_found_by_its_key_only_by_those_who_may_submit_or_see_it(
    acting: As, cast: Cast, db: Database
) -> None:
    async with db.write(ALL_CITIES) as session:
        neighbour = await make_actor(session, Role.applicant, unit=await make_unit(session))
        colleague = await make_actor(session, Role.applicant, unit=cast.unit)
        second = await make_application(session, cast.unit)
    headers, body = {"Idempotency-Key": "k"}, {"expected_revision": 1}
    path = f"/v1/applications/{cast.application.id}/submit"
    async with acting(cast.applicant) as client:
        first = (await client.post(path, json=body, headers=headers)).json()
    async with acting(colleague) as client:
        again = (await client.post(path, json=body, headers=headers)).json()
        changed = await client.post(path, json={"expected_revision": 2}, headers=headers)
        other = await client.post(f"/v1/applications/{second.id}/submit", json=body, headers=headers)
    assert again["attempt"]["id"] == first["attempt"]["id"]
    assert (changed.status_code, changed.json()["code"]) == (422, "idempotency.key_reused")
    assert other.json()["attempt"]["id"] != first["attempt"]["id"]
    async with acting(neighbour) as client:
        assert (await client.post(path, json=body, headers=headers)).status_code == 404


async def test_two_recommenders_take_one_place(db: Database) -> None:
    bureau = Bureau()
    async with db.write(ALL_CITIES) as session:
        cast = await submitted_cast(session, "initial_review_passed")
        second = await make_actor(
            session, Role.recommender, unit=cast.recommending_unit, login_kind="legal_person"
        )
    app, found = make_app(db, bureau), []
    for actor in (cast.recommender, second, cast.recommender):
        async with http(app, actor) as client:
            answer = await client.post(f"/v1/applications/{cast.application.id}/recommend", json={})
        found.append((answer.status_code, bureau.used()))
    assert found == [(200, 1), (409, 1), (409, 1)]
    async with db.read(ALL_CITIES) as session:
        row = await session.get_one(Application, cast.application.id)
    assert row.state == "recommended"
