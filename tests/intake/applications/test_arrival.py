"""What counts at the close is when a submission reached us, not how long it waited inside."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from tests.intake.applications.test_submission_api import submit
from tests.intake.conftest import make_app
from tests.intake.factories import Cast
from tests.intake.owners import Owners

from common.arrival import HEADER
from common.db import ALL_CITIES, Database
from common.testing import http
from intake.applications.models import Attempt

IN_TIME, LATE = "2020-06-28T16:59:59+08:00", "2020-06-28T17:00:03+08:00"
WAIT_S = 20


async def attempts(db: Database) -> list[Attempt]:
    async with db.read(ALL_CITIES) as session:
        return list(await session.scalars(select(Attempt)))


async def test_whoever_waited_past_the_close_was_in_time(
    db: Database, owners: Owners, cast: Cast, business_clock: Any
) -> None:
    app = make_app(db, owners, max_concurrent_requests=1)
    queue = app.state.queues.requests
    business_clock.at(IN_TIME)
    async with http(app, cast.applicant) as client, asyncio.timeout(WAIT_S):
        async with queue.place():
            waiting = asyncio.create_task(submit(client, cast))
            while queue.waiting == 0:  # noqa: ASYNC110  # a counter tells nobody when it changes
                await asyncio.sleep(0)
            business_clock.at(LATE)
        answer = await waiting
    assert answer.status_code == 200, answer.text
    attempt = answer.json()["attempt"]
    assert (attempt["state"], attempt["received_at"]) == ("admitted", "2020-06-28T08:59:59Z")


@pytest.mark.parametrize(
    ("claim", "state", "received"),
    [
        (IN_TIME, "admitted", "2020-06-28T08:59:59Z"),  # it waited at the gateway
        (None, "refused", "2020-06-28T09:00:03Z"),
        ("2020-06-28T16:00:00+08:00", "refused", "2020-06-28T09:00:03Z"),  # nobody waits an hour
    ],
    ids=["in time at the gateway", "no word of it", "too old to be true"],
)
async def test_the_gateway_s_arrival_counts(
    acting: Any, cast: Cast, business_clock: Any, claim: str | None, state: str, received: str
) -> None:
    business_clock.at(LATE)
    async with acting(cast.applicant) as client:
        client.headers.update({HEADER: claim} if claim else {})
        attempt = (await submit(client, cast)).json()["attempt"]
    assert (attempt["state"], attempt["received_at"]) == (state, received)


async def test_what_is_refused_has_not_arrived(db: Database, owners: Owners, cast: Cast) -> None:
    app = make_app(db, owners, max_concurrent_requests=1, max_waiting_requests=0)
    async with http(app, cast.applicant) as client:
        async with app.state.queues.requests.place():
            answer = await submit(client, cast)
        assert (answer.status_code, answer.json()["code"]) == (503, "common.busy")
        assert await attempts(db) == []
        assert (await submit(client, cast)).json()["attempt"]["state"] == "admitted"
