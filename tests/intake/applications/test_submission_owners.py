"""Owners that are away: what came in time is admitted as pending and completes itself."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from tests.intake.conftest import make_app
from tests.intake.factories import Cast
from tests.intake.owners import Owners

from common.db import ALL_CITIES, Database
from common.testing import http
from intake.applications.models import Application, Attempt
from intake.applications.submission import StillPending

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
RunJob = Callable[..., Awaitable[None]]
JOB = "intake.finish_attempt"


async def submit(client: httpx.AsyncClient, cast: Cast, revision: int = 1, key: str = "k1") -> Any:
    path = f"/v1/applications/{cast.application.id}/submit"
    return await client.post(path, json={"expected_revision": revision}, headers={"Idempotency-Key": key})


async def state(db: Database, cast: Cast) -> tuple[Application, Attempt]:
    async with db.read(ALL_CITIES) as session:
        row = await session.get(Application, cast.application.id, populate_existing=True)
        assert row is not None
        attempt = await session.get(Attempt, row.attempt_id, populate_existing=True)
        assert attempt is not None
        return row, attempt


@pytest.mark.parametrize("away", [{"eligibility"}, {"documents"}, {"eligibility", "documents", "quota"}])
async def test_admitted_as_pending_and_completed_by_the_job(
    acting: As, cast: Cast, owners: Owners, db: Database, run_job: RunJob, away: set[str], business_clock: Any
) -> None:
    business_clock.at("2020-06-28T16:59:59.999+08:00")
    owners.down = set(away)
    async with acting(cast.applicant) as client:
        answer = await submit(client, cast)
    assert answer.status_code == 202
    body = answer.json()
    assert body["attempt"]["state"] == "admitted_pending"
    assert body["application"]["state"] == "submitted"
    assert body["application"]["pending"] is True
    assert body["receipt"]["received_at"] == "2020-06-28T08:59:59.999000Z"
    payload = {"attempt_id": body["attempt"]["id"]}
    business_clock.at("2020-06-29T09:00:00+08:00")
    with pytest.raises(StillPending):
        await run_job(db, JOB, payload)
    owners.down = set()
    await run_job(db, JOB, payload)
    row, attempt = await state(db, cast)
    assert attempt.state == "admitted"
    assert row.pending is False
    assert row.bundle_id == attempt.id
    assert row.assessments["submission"] == str(attempt.assessment_id)
    # judged as of the instant it came in, not of the instant the owner came back
    last = owners.questions("eligibility", "/v1/assessments")[-1]
    assert last["as_of"].startswith("2020-06-28T08:59:59.999")
    # a further run finds it done
    asked = len(owners.asked)
    await run_job(db, JOB, payload)
    assert len(owners.asked) == asked


async def test_quota_away_costs_nothing_at_submission(acting: As, cast: Cast, owners: Owners) -> None:
    owners.down = {"quota"}
    async with acting(cast.applicant) as client:
        body = (await submit(client, cast)).json()
    assert body["attempt"]["state"] == "admitted"
    (asked,) = owners.questions("eligibility", "/v1/assessments")
    assert asked["unavailable"] == ["quota.used"]


async def test_an_owner_that_hangs_is_away_after_the_shared_time(
    db: Database, cast: Cast, owners: Owners
) -> None:
    owners.gate = asyncio.Event()
    app = make_app(db, owners, submit_budget_s=0.05)
    async with http(app, cast.applicant) as client:
        body = (await submit(client, cast)).json()
    owners.gate.set()
    assert body["attempt"]["state"] == "admitted_pending"


@pytest.mark.parametrize("owner", ["eligibility", "documents"])
async def test_a_refusal_between_services_does_not_cost_a_submission(
    acting: As, cast: Cast, owners: Owners, owner: str
) -> None:
    owners.refuse = {owner: 422}
    async with acting(cast.applicant) as client:
        body = (await submit(client, cast)).json()
    assert body["attempt"]["state"] == "admitted_pending"


async def test_files_that_are_still_being_read_are_waited_for(
    acting: As, cast: Cast, owners: Owners, db: Database, run_job: RunJob
) -> None:
    owners.pending = ["blind_bundle.*"]
    hidden = {name: owners.papers.pop(name) for name in ("blind_bundle.texts", "blind_bundle.metadata")}
    async with acting(cast.applicant) as client:
        body = (await submit(client, cast)).json()
    assert body["attempt"]["state"] == "admitted_pending"
    owners.pending, owners.papers = [], owners.papers | hidden
    await run_job(db, JOB, {"attempt_id": body["attempt"]["id"]})
    row, attempt = await state(db, cast)
    assert (row.pending, attempt.state) == (False, "admitted")


async def returned_late(
    acting: As, cast: Cast, owners: Owners, db: Database, run_job: RunJob, business_clock: Any
) -> None:
    business_clock.at("2020-06-28T16:00:00+08:00")
    owners.down = {"eligibility"}
    async with acting(cast.applicant) as client:
        body = (await submit(client, cast)).json()
    owners.down = set()
    owners.registers["blacklist.listed"] = True
    business_clock.at("2020-06-28T18:00:00+08:00")
    await run_job(db, JOB, {"attempt_id": body["attempt"]["id"]})


async def test_a_late_refusal_returns_the_application(
    acting: As, cast: Cast, owners: Owners, db: Database, run_job: RunJob, business_clock: Any
) -> None:
    await returned_late(acting, cast, owners, db, run_job, business_clock)
    row, attempt = await state(db, cast)
    assert (row.state, row.pending, attempt.state) == ("returned", False, "refused")
    assert row.failure == {"code": "intake.assessment_refused", "rules": ["QZ-SUB-04"], "reason": None}
    async with acting(cast.applicant) as client:
        again = await submit(client, cast)
        assert again.json()["attempt"]["state"] == "refused"
        after_close = await submit(client, cast, revision=row.revision, key="k2")
    assert after_close.json()["attempt"]["failure"]["code"] == "intake.window_closed"


async def test_an_officer_opens_the_way_once_more(
    acting: As, cast: Cast, owners: Owners, db: Database, run_job: RunJob, business_clock: Any
) -> None:
    await returned_late(acting, cast, owners, db, run_job, business_clock)
    owners.registers["blacklist.listed"] = False
    path = f"/v1/applications/{cast.application.id}/reopen"
    async with acting(cast.officer) as client:
        reopened = await client.post(path, json={"reason": "资格审查服务中断"})
        assert reopened.status_code == 200, reopened.text
        assert (await client.post(path, json={"reason": "再次"})).json()["code"] == "intake.nothing_to_reopen"
    async with acting(cast.applicant) as client:
        body = (await submit(client, cast, revision=reopened.json()["revision"], key="k2")).json()
    assert body["attempt"]["state"] == "admitted"
    assert body["application"]["received_at"] == "2020-06-28T08:00:00Z"


async def test_only_a_late_assessment_of_ours_can_be_reopened(acting: As, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        row = await session.get(Application, cast.application.id)
        assert row is not None
        row.state, row.failure = "returned", {"code": "intake.returned", "rules": [], "reason": "x"}
    async with acting(cast.officer) as client:
        answer = await client.post(f"/v1/applications/{row.id}/reopen", json={"reason": "x"})
    assert answer.status_code == 409


async def test_withdrawn_while_pending_stays_withdrawn(
    acting: As, cast: Cast, owners: Owners, db: Database, run_job: RunJob
) -> None:
    owners.down = {"eligibility"}
    async with acting(cast.applicant) as client:
        body = (await submit(client, cast)).json()
        path = f"/v1/applications/{cast.application.id}/withdraw"
        withdrawn = await client.post(path, json={"reason": "不再申报"})
    assert withdrawn.json()["state"] == "withdrawn"
    owners.down = set()
    owners.registers["blacklist.listed"] = True
    await run_job(db, JOB, {"attempt_id": body["attempt"]["id"]})
    row, attempt = await state(db, cast)
    assert (row.state, row.pending, attempt.state) == ("withdrawn", False, "refused")


async def test_a_refusal_in_time_is_no_reason_to_reopen(
    acting: As, cast: Cast, owners: Owners, db: Database, business_clock: Any
) -> None:
    """Returned by the recommender, submitted again in time, refused at once: the guide's own answer."""
    async with acting(cast.applicant) as client:
        first = (await submit(client, cast)).json()
        async with db.write(ALL_CITIES) as session:
            row = await session.get_one(Application, cast.application.id)
            row.state = "returned"
        owners.registers["blacklist.listed"] = True
        refused = await submit(client, cast, revision=first["application"]["revision"], key="k2")
    assert refused.json()["attempt"]["failure"]["code"] == "intake.assessment_refused"
    business_clock.at("2020-06-29T09:00:00+08:00")
    async with acting(cast.officer) as client:
        answer = await client.post(f"/v1/applications/{cast.application.id}/reopen", json={"reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "intake.nothing_to_reopen")


async def test_a_try_after_the_close_does_not_cost_the_reopening(
    acting: As, cast: Cast, owners: Owners, db: Database, run_job: RunJob, business_clock: Any
) -> None:
    await returned_late(acting, cast, owners, db, run_job, business_clock)
    row, _ = await state(db, cast)
    async with acting(cast.applicant) as client:
        tried = await submit(client, cast, revision=row.revision, key="k2")
    assert tried.json()["attempt"]["failure"]["code"] == "intake.window_closed"
    async with acting(cast.officer) as client:
        answer = await client.post(f"/v1/applications/{cast.application.id}/reopen", json={"reason": "x"})
    assert answer.status_code == 200, answer.text


async def test_a_required_material_that_is_not_there_refuses_and_is_named(
    acting: As, cast: Cast, owners: Owners
) -> None:
    owners.report = "missing"
    async with acting(cast.applicant) as client:
        refused = (await submit(client, cast)).json()
        owners.report = "present"
        again = (await submit(client, cast, refused["application"]["revision"], key="k2")).json()
    assert refused["attempt"]["state"] == "refused"
    assert refused["application"]["state"] == "draft"
    failure = refused["application"]["failure"]
    assert failure["code"] == "intake.materials_missing"
    assert failure["reason"] == "缺少必备材料：QZ-D02 项目可行性报告"
    assert again["attempt"]["state"] == "admitted"
