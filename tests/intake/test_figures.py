"""What is unfinished, by kind and age; and whether the feed and the awards match."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.intake.factories import CITY, Cast
from tests.intake.feed.items import add, subscribe
from tests.intake.owners import Owners

from common.db import ALL_CITIES, Database, cities
from common.ids import new_id
from intake.figures import FIGURES

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
CLOSE = "2020-06-28T16:59:59+08:00"


async def figures(db: Database) -> dict[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    for group in FIGURES:
        async with db.read(ALL_CITIES) as session:
            for one in await group.read(session):
                assert one.figure in group.described
                found[one.figure.name, *one.labels] = one.value
    return found


async def test_nothing_unfinished_and_no_feed(db: Database, cast: Cast) -> None:
    assert await figures(db) == {}


async def test_a_submission_is_pending_until_it_is_completed(
    acting: As, cast: Cast, owners: Owners, db: Database, run_job: Any, business_clock: Any
) -> None:
    business_clock.at(CLOSE)
    owners.down = {"eligibility"}
    path = f"/v1/applications/{cast.application.id}/submit"
    async with acting(cast.applicant) as client:
        answer = await client.post(path, json={"expected_revision": 1}, headers={"Idempotency-Key": "k"})
        assert answer.json()["attempt"]["state"] == "admitted_pending"
        business_clock.at("2020-06-28T17:20:00+08:00")
        page = (await client.get("/metrics")).text
    assert await figures(db) == {
        ("intake_unfinished", CITY, "pending"): 1,
        ("intake_unfinished_age_seconds", CITY, "pending"): 1201,
    }
    assert f'intake_unfinished{{city="{CITY}",service="intake",what="pending"}} 1.0' in page
    owners.down = set()
    await run_job(db, "intake.finish_attempt", {"attempt_id": answer.json()["attempt"]["id"]})
    assert await figures(db) == {}


async def test_attempts_that_are_being_decided_count_from_their_arrival(
    acting: As, cast: Cast, owners: Owners, db: Database, business_clock: Any
) -> None:
    business_clock.at(CLOSE)
    owners.down = {"eligibility"}
    path = f"/v1/applications/{cast.application.id}/submit"
    async with acting(cast.applicant) as client:
        await client.post(path, json={"expected_revision": 1}, headers={"Idempotency-Key": "k"})
    async with db.write(cities(CITY)) as session:  # as between the two transactions, once more after weeks
        await session.execute(
            text("UPDATE attempts SET state = 'open', received_at = '2020-06-01T00:00:00Z'")
        )
    business_clock.at("2020-06-28T17:00:09+08:00")
    assert (await figures(db))["intake_unfinished_age_seconds", CITY, "attempt"] == 10


async def test_items_without_an_award_and_gaps_are_mismatches(db: Database, cast: Cast) -> None:
    entity = new_id()
    async with db.write(cities(CITY)) as session:
        await add(session, entity)
        await add(session, entity, "correct")
        await add(session)
    found = await figures(db)
    assert found["intake_feed_head", CITY] == 3
    assert found["intake_feed_mismatch", CITY] == 2  # two projects, of which no award is known
    async with db.write(cities(CITY)) as session:
        await session.execute(text("DELETE FROM feed_items WHERE seq = 2"))
    assert (await figures(db))["intake_feed_mismatch", CITY] == 3


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        ("SELECT 1", 0),
        ("DELETE FROM feed_items", 2),  # the award without an item, the number without one
        ("UPDATE feed_heads SET last_seq = last_seq + 2", 2),
    ],
)
async def test_awards_and_their_items(
    db: Database, cast: Cast, damage: str, expected: int, business_clock: Any
) -> None:
    award = new_id()
    async with db.write(cities(CITY)) as session:
        await session.execute(
            text(
                "INSERT INTO awards (id, city, application_id, guide, category, number, assessment_id,"
                " approved_by, approved_at) VALUES (:id, :city, :application, 'qz-2020', 'qz20-rd',"
                " 'qz-2020-0001', :id, 'test', now())"
            ),
            {"id": award, "city": CITY, "application": cast.application.id},
        )
        await add(session, award)
        await session.execute(text(damage))
    assert (await figures(db))["intake_feed_mismatch", CITY] == expected


async def test_the_quietest_subscriber_is_shown(db: Database, acting: As, business_clock: Any) -> None:
    business_clock.at("2020-07-01T09:00:00+08:00")
    async with db.write(cities(CITY)) as session:
        reader = await subscribe(session)
        await subscribe(session)
    business_clock.at("2020-07-02T09:00:00+08:00")
    async with acting(reader) as client:
        assert (await client.get("/v1/feeds/approved-projects/changes")).status_code == 200
    business_clock.at("2020-07-02T09:01:00+08:00")
    assert (await figures(db))["intake_feed_pull_age_seconds", CITY] == 86_460
