"""Approval: when, by whom, on which assessment; the award and its publication are one."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import select, text
from tests.intake.conftest import make_app
from tests.intake.factories import Cast, make_actor
from tests.intake.reviews.bureau import JUDGED, Bureau, accepted_cast, noticed, strangers

from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.roles import Role
from common.testing import http
from intake.applications.models import Application
from intake.awards import service
from intake.awards.models import Award
from intake.feed.models import FeedItem

AFTER = "2020-08-09T09:00:00+08:00"


@pytest.fixture
def owners() -> Bureau:
    """All findings that people judge are judged."""
    owners = Bureau()
    owners.registers |= {**JUDGED, "quota.used": 0, "recommendation.received_at": "2020-06-01T08:00:00+08:00"}
    return owners


async def under_notice(db: Database, business_clock: Any, state: str = "public_notice") -> Cast:
    business_clock.at("2020-06-01T09:00:00+08:00")
    async with db.write(ALL_CITIES) as session:
        cast = await accepted_cast(session, state)
        business_clock.at("2020-08-01T09:00:00+08:00")
        await noticed(session, [cast.application])
    business_clock.at(AFTER)
    return cast


@pytest.fixture
async def cast(db: Database, business_clock: Any) -> Cast:
    return await under_notice(db, business_clock)


@pytest.fixture
async def head(db: Database) -> Actor:
    async with db.write(ALL_CITIES) as session:
        return await make_actor(session, Role.bureau_head)


async def approve(acting: Any, actor: Any, cast: Cast, **body: Any) -> Any:
    path = f"/v1/applications/{cast.application.id}/approve"
    async with acting(actor) as client:
        return await client.post(path, json={"grant": None, **body})


async def state(db: Database, cast: Cast) -> str:
    async with db.read(ALL_CITIES) as session:
        return (await session.get_one(Application, cast.application.id)).state


async def nothing_happened(db: Database, cast: Cast, before: str = "public_notice") -> None:
    assert await state(db, cast) == before
    async with db.read(ALL_CITIES) as session:
        assert list(await session.scalars(select(Award))) == []
        assert list(await session.scalars(select(FeedItem))) == []


async def test_approved_awarded_published(acting: Any, cast: Cast, head: Actor, db: Database) -> None:
    answer = await approve(acting, head, cast, grant=300_000)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["application"]["state"] == "approved"
    assert body["application"]["assessments"]["approval"]
    assert (body["award"]["number"], body["award"]["grant"], body["seq"]) == ("qz-2020-0001", 300_000, 1)
    async with db.read(ALL_CITIES) as session:
        (item,) = await session.scalars(select(FeedItem))
    assert (item.seq, str(item.entity_id), item.op, item.state) == (
        1,
        body["award"]["id"],
        "upsert",
        "approved",
    )
    assert item.record is not None
    assert item.record["unit_uscc"] == cast.unit.uscc
    assert item.record["approved_on"] == "2020-08-09"
    async with acting(cast.applicant) as client:
        wanted = {"ids": [str(cast.application.id)]}
        batch = (await client.post("/v1/awards/by-application/batch", json=wanted)).json()
    assert batch["items"] == [body["award"]]
    again = await approve(acting, head, cast)
    assert (again.status_code, again.json()["reason"]) == (409, "not_in_state")


async def test_approval_asks_for_the_register_to_be_told(
    acting: Any, cast: Cast, head: Actor, db: Database, run_job: Any, owners: Bureau
) -> None:
    award = (await approve(acting, head, cast, grant=300_000)).json()["award"]
    async with db.read(ALL_CITIES) as session:
        query = "SELECT payload FROM intake_jobs.pgqueuer WHERE entrypoint = 'intake.register_project'"
        (payload,) = [json.loads(row[0]) for row in await session.execute(text(query))]
    assert payload["application_id"] == str(cast.application.id)
    await run_job(db, "intake.register_project", payload)
    (told,) = owners.questions("eligibility", "/v1/registers/projects_in_progress/entries")
    assert (told["id"], told["subsidised"], told["status"]) == (award["id"], True, "in_progress")
    assert (told["leader_ids"], told["from"]) == (
        [str(cast.application.leader_id)],
        "2020-08-09T01:00:00+00:00",
    )


async def test_not_before_the_notice_has_ended(
    acting: Any, cast: Cast, head: Actor, db: Database, business_clock: Any
) -> None:
    business_clock.at("2020-08-08T09:00:00+08:00")  # its last instant
    answer = await approve(acting, head, cast)
    assert (answer.status_code, answer.json()["code"]) == (409, "intake.notice_running")
    assert answer.json()["ends_at"].startswith("2020-08-08")
    await nothing_happened(db, cast)
    business_clock.at("2020-08-08T09:00:00.001+08:00")
    assert (await approve(acting, head, cast)).status_code == 200


async def test_not_while_an_objection_is_open(
    acting: Any, cast: Cast, head: Actor, db: Database, business_clock: Any
) -> None:
    business_clock.at("2020-08-02T09:00:00+08:00")
    async with acting(cast.recommender) as client:
        (notice,) = (await client.get("/v1/notices")).json()["items"]
        wanted = {"application_id": str(cast.application.id), "text": "有异议"}
        filed = (await client.post(f"/v1/notices/{notice['id']}/objections", json=wanted)).json()
    business_clock.at(AFTER)
    assert (await approve(acting, head, cast)).status_code == 409
    await nothing_happened(db, cast, "objection_handling")
    async with acting(cast.officer) as client:
        decision = {"decision": "rejected", "reason": "不成立"}
        await client.post(f"/v1/objections/{filed['id']}/decide", json=decision)
    assert (await approve(acting, head, cast)).status_code == 200


async def test_registers_are_looked_at_once_more(
    acting: Any, cast: Cast, head: Actor, db: Database, owners: Bureau
) -> None:
    owners.registers["blacklist.listed"] = True
    answer = await approve(acting, head, cast)
    assert (answer.status_code, answer.json()["code"]) == (409, "intake.findings_undecided")
    assert [one["rule"] for one in answer.json()["findings"]] == ["QZ-SUB-04"]
    await nothing_happened(db, cast)


async def test_eligibility_away(acting: Any, cast: Cast, head: Actor, db: Database, owners: Bureau) -> None:
    owners.down.add("eligibility")
    assert (await approve(acting, head, cast)).status_code == 503
    await nothing_happened(db, cast)
    owners.down.clear()
    assert (await approve(acting, head, cast)).json()["seq"] == 1


@pytest.mark.parametrize("body", [{"grant": -1}, {"grant": 1.5}, {"grant": "1"}, {"grants": 1}])
async def test_bad_grants(acting: Any, cast: Cast, head: Actor, db: Database, body: dict[str, Any]) -> None:
    assert (await approve(acting, head, cast, **body)).status_code == 422
    await nothing_happened(db, cast)


async def test_who_may_approve(acting: Any, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        _, far = await strangers(session, Role.bureau_head)
        stranger, _ = await strangers(session, Role.applicant)
    for actor, status in ((cast.applicant, 403), (cast.officer, 403), (far, 404)):
        assert (await approve(acting, actor, cast)).status_code == status
    await nothing_happened(db, cast)
    async with acting(stranger) as client:
        wanted = {"ids": [str(cast.application.id)]}
        assert (await client.post("/v1/awards/by-application/batch", json=wanted)).json()["items"] == []


async def test_the_cap_counts_categories_that_share_it(
    acting: Any, head: Actor, db: Database, business_clock: Any, cast: Cast
) -> None:
    assert (await approve(acting, head, cast)).status_code == 200
    async with db.write(ALL_CITIES) as session:
        major = await session.get_one(Application, (await other(session, "qz20-major")).application.id)
        patent = await session.get_one(Application, (await other(session, "qz20-patent")).application.id)
        for row, count in ((major, 2), (patent, 1), (cast.application, 1)):
            (fact,) = await service.facts(session, row)
            assert (fact.name, fact.value) == ("selection.approved_count", count)


async def other(session: Any, category: str) -> Cast:
    cast = await accepted_cast(session)
    cast.application.category = category
    return cast


async def test_approvals_at_once(live: Database, owners: Bureau, business_clock: Any) -> None:
    """Real commits: numbers and feed without a gap, and one award for one project however often asked."""
    casts = [await under_notice(live, business_clock) for _ in range(4)]
    async with live.write(ALL_CITIES) as session:
        head = await make_actor(session, Role.bureau_head)
    app = make_app(live, owners)
    async with http(app, head) as client:
        answers = await asyncio.gather(
            *(
                client.post(f"/v1/applications/{cast.application.id}/approve", json={"grant": None})
                for cast in casts * 2
            )
        )
    assert sorted(one.status_code for one in answers) == [200] * 4 + [409] * 4, [one.text for one in answers]
    good = [one.json() for one in answers if one.status_code == 200]
    assert sorted(one["seq"] for one in good) == [1, 2, 3, 4]
    assert sorted(one["award"]["number"] for one in good) == [f"qz-2020-000{n}" for n in range(1, 5)]


async def test_what_documents_could_not_say_does_not_count_against_a_project(
    acting: Any, cast: Cast, head: Actor, owners: Bureau, db: Database
) -> None:
    """The recommendation form is a file: while documents is away it is not known, and not missing."""
    owners.down.add("documents")
    away = await approve(acting, head, cast)
    assert (away.status_code, away.json()["code"]) == (503, "common.owner_unavailable")
    assert away.json()["service"] == "documents"
    owners.down.clear()
    assert (await approve(acting, head, cast)).status_code == 200
    assert await state(db, cast) == "approved"
