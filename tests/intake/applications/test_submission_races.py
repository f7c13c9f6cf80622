"""Submissions that meet: real commits on separate connections, and the real worker."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from tests.intake.conftest import make_app
from tests.intake.factories import Cast, make_cast, parse_instant
from tests.intake.owners import Owners

from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.jobs import JobContext, Jobs, Worker
from common.testing import http, settings_for
from intake.applications import submission
from intake.applications.attempts import FINISH_JOB
from intake.applications.models import Application, Attempt
from intake.applications.opening import Order, open_attempt
from intake.settings import Settings


@pytest.fixture
async def committed(live: Database) -> Cast:
    async with live.write(ALL_CITIES) as session:
        return await make_cast(session)


async def post(database: Database, owners: Owners, actor: Actor, path: str, **sent: Any) -> httpx.Response:
    async with http(make_app(database, owners), actor) as client:
        return await client.request(sent.pop("method", "POST"), path, **sent)


def submitting(database: Database, owners: Owners, cast: Cast, key: str) -> Any:
    path = f"/v1/applications/{cast.application.id}/submit"
    sent = {"json": {"expected_revision": 1}, "headers": {"Idempotency-Key": key}}
    return post(database, owners, cast.applicant, path, **sent)


async def attempts(database: Database) -> int:
    async with database.read(ALL_CITIES) as session:
        return (await session.scalar(select(func.count()).select_from(Attempt))) or 0


async def row_of(database: Database, cast: Cast) -> Application:
    async with database.read(ALL_CITIES) as session:
        found = await session.get(Application, cast.application.id)
        assert found is not None
        return found


@pytest.mark.parametrize("keys", [["same"] * 8, [f"k{n}" for n in range(8)]])
async def test_a_double_click_makes_one_attempt(
    live: Database, owners: Owners, committed: Cast, keys: list[str]
) -> None:
    owners.gate = asyncio.Event()
    clicks = [asyncio.ensure_future(submitting(live, owners, committed, key)) for key in keys]
    await owners.reached.wait()
    while len(running := [click for click in clicks if not click.done()]) > 1:
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    assert running  # the request that opened the attempt waits for the owners
    owners.gate.set()
    answers = [answer.json() for answer in await asyncio.gather(*clicks)]
    assert len({answer["attempt"]["id"] for answer in answers}) == 1
    assert {answer["attempt"]["state"] for answer in answers} <= {"open", "admitted"}
    assert await attempts(live) == 1
    assert (await row_of(live, committed)).state == "submitted"


async def test_an_edit_during_a_submission_is_refused(
    live: Database, owners: Owners, committed: Cast
) -> None:
    owners.gate = asyncio.Event()
    running = asyncio.ensure_future(submitting(live, owners, committed, "k1"))
    await owners.reached.wait()
    path = f"/v1/applications/{committed.application.id}"
    answer = await post(
        live,
        owners,
        committed.applicant,
        path,
        method="PATCH",
        json={"title": "改名"},
        headers={"If-Match": '"1"'},
    )
    upload = {"material": "QZ-D02", "filename": "a.pdf", "content_type": "application/pdf", "size": 5}
    ticket = await post(live, owners, committed.applicant, f"{path}/upload-tickets", json=upload)
    withdrawal = await post(
        live, owners, committed.applicant, f"{path}/withdraw", json={"reason": "不再申报"}
    )
    owners.gate.set()
    assert (await running).json()["attempt"]["state"] == "admitted"
    for one in (answer, ticket, withdrawal):
        assert (one.status_code, one.json()["code"]) == (409, "intake.attempt_open")
    assert (await row_of(live, committed)).title == committed.application.title


async def test_edits_and_submissions_at_once_never_mix(
    live: Database, owners: Owners, committed: Cast
) -> None:
    path = f"/v1/applications/{committed.application.id}"
    edits = [
        post(
            live,
            owners,
            committed.applicant,
            path,
            method="PATCH",
            json={"title": f"题目{n}"},
            headers={"If-Match": '"1"'},
        )
        for n in range(4)
    ]
    answers = await asyncio.gather(*edits, *(submitting(live, owners, committed, f"k{n}") for n in range(4)))
    edited = [one for one in answers[:4] if one.status_code == 200]
    admitted = [one for one in answers[4:] if one.status_code in (200, 202)]
    # one side won; the other met a changed revision, an open attempt, or a state past editing
    assert bool(edited) != bool(admitted)
    assert len(edited) <= 1
    for one in answers:
        assert one.status_code in (200, 202, 409, 412)
    row = await row_of(live, committed)
    assert row.state == ("submitted" if admitted else "draft")
    assert row.open_attempt_id is None


async def test_a_crash_after_the_attempt_is_finished_by_the_job(
    live: Database, owners: Owners, committed: Cast, db_url: Callable[[str], str]
) -> None:
    order = Order(committed.application.id, 1, "k1", parse_instant("2020-06-28T17:00:00+08:00"))
    settings = settings_for(Settings, database_url=db_url("intake"))
    async with live.write(committed.applicant) as session:
        opened = await open_attempt(session, committed.applicant, order, timedelta())
    assert opened.fresh is not None
    attempt_id = opened.attempt_id
    # the process is gone here; only what was committed is left
    done, jobs = asyncio.Event(), Jobs()

    @jobs.handler(FINISH_JOB)
    async def finish(context: JobContext, payload: dict[str, Any]) -> None:
        await submission.finish_later(context, payload)
        done.set()

    worker = Worker(settings, jobs, live, owners.client)
    worker.start()
    async with asyncio.timeout(30):
        await done.wait()
    await worker.stop()
    row = await row_of(live, committed)
    assert (row.state, row.attempt_id, row.pending) == ("submitted", attempt_id, False)
    assert row.received_at == order.received_at
    # the client that never heard an answer asks again, with its key
    answer = await submitting(live, owners, committed, "k1")
    assert answer.json()["attempt"]["state"] == "admitted"
    assert await attempts(live) == 1


async def test_the_request_and_the_job_may_finish_the_same_attempt(
    live: Database, owners: Owners, committed: Cast
) -> None:
    owners.gate = asyncio.Event()
    running = asyncio.ensure_future(submitting(live, owners, committed, "k1"))
    await owners.reached.wait()
    async with live.read(ALL_CITIES) as session:
        attempt_id = await session.scalar(select(Attempt.id))
    assert attempt_id is not None
    context = JobContext(live, owners.client, settings_for(Settings), 1)
    other = asyncio.ensure_future(submission.finish_later(context, {"attempt_id": str(attempt_id)}))
    owners.gate.set()
    body, _ = await asyncio.gather(running, other)
    assert body.json()["attempt"]["state"] == "admitted"
    assert len(owners.assessments) == 1
    assert len(owners.bundles) == 1
    row = await row_of(live, committed)
    assert (row.state, row.revision) == ("submitted", 2)
