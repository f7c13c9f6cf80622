"""Initial review by the recommending unit."""

from typing import Any

import pytest
from sqlalchemy import select, update
from tests.intake.factories import Cast, pack
from tests.intake.reviews.bureau import strangers, submitted_cast

from common.db import ALL_CITIES, Database
from common.roles import Role
from intake.people.models import Membership
from intake.reviews import service
from intake.reviews.models import InitialReview


@pytest.fixture
async def cast(db: Database) -> Cast:
    async with db.write(ALL_CITIES) as session:
        return await submitted_cast(session)


async def review(client: Any, cast: Cast, **body: Any) -> Any:
    return await client.post(f"/v1/applications/{cast.application.id}/initial-review", json=body)


async def rows(db: Database) -> list[InitialReview]:
    async with db.read(ALL_CITIES) as session:
        return list(await session.scalars(select(InitialReview)))


async def test_approved(acting: Any, cast: Cast, db: Database) -> None:
    async with acting(cast.recommender) as client:
        answer = await review(client, cast, decision="approved")
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "initial_review_passed"
    assert answer.json()["revision"] == 2
    async with db.read(ALL_CITIES) as session:
        facts = {fact.name: fact.value for fact in await service.facts(session, cast.application)}
    assert facts == {
        "initial_review.decision": "approved",
        "initial_review.reviewer": str(cast.recommending_unit.id),
    }
    async with acting(cast.officer) as client:
        trail = (await client.get(f"/v1/audit?application_id={cast.application.id}")).json()["items"]
    assert [(one["action"], one["data"]["decision"]) for one in trail] == [
        ("application.initially_reviewed", "approved")
    ]


async def test_returned_can_be_mended_and_submitted_again(
    acting: Any, cast: Cast, business_clock: Any
) -> None:
    clause = next(iter(pack().clauses))
    async with acting(cast.recommender) as client:
        answer = await review(client, cast, decision="returned", reason="请补充依据", clause=clause)
    assert answer.json()["state"] == "returned"
    assert answer.json()["failure"] == {
        "code": "intake.initial_review_returned",
        "rules": [],
        "reason": "请补充依据",
    }
    path = f"/v1/applications/{cast.application.id}"
    async with acting(cast.applicant) as client:
        edited = await client.patch(path, json={"title": "补正后的题目"}, headers={"If-Match": '"2"'})
        assert edited.status_code == 200, edited.text
        wanted = {"expected_revision": edited.json()["revision"]}
        sent = await client.post(f"{path}/submit", json=wanted, headers={"Idempotency-Key": "again"})
    assert sent.json()["application"]["state"] == "submitted", sent.text


async def test_returned_after_the_close_stays_returned(acting: Any, cast: Cast, business_clock: Any) -> None:
    async with acting(cast.recommender) as client:
        await review(client, cast, decision="returned", reason="请补充")
    business_clock.at("2020-06-28T17:00:00.001+08:00")
    path = f"/v1/applications/{cast.application.id}/submit"
    async with acting(cast.applicant) as client:
        sent = await client.post(path, json={"expected_revision": 2}, headers={"Idempotency-Key": "late"})
    assert (sent.status_code, sent.json().get("reason")) == (409, "window_closed") or (
        sent.json()["attempt"]["state"] == "refused"
    )


async def test_rejected_is_the_end(acting: Any, cast: Cast) -> None:
    async with acting(cast.recommender) as client:
        answer = await review(client, cast, decision="rejected", reason="不属于本辖区")
        again = await review(client, cast, decision="approved")
    assert answer.json()["state"] == "rejected"
    assert (again.status_code, again.json()["reason"]) == (409, "not_in_state")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"decision": "returned"}, "/reason"),
        ({"decision": "rejected"}, "/reason"),
        ({"decision": "rejected", "reason": "  "}, "/reason"),
        ({"decision": "approved", "clause": "no-such-clause"}, "/clause"),
        ({"decision": "maybe"}, "/decision"),
        ({"reason": "x"}, "/decision"),
        ({"decision": "approved", "score": 5}, "/score"),
    ],
)
async def test_bad_input_changes_nothing(
    acting: Any, cast: Cast, db: Database, body: dict[str, Any], pointer: str
) -> None:
    async with acting(cast.recommender) as client:
        answer = await review(client, cast, **body)
    assert answer.status_code == 422
    assert pointer in answer.json()["errors"][0]["pointer"]
    assert await rows(db) == []


async def test_who_may_review(acting: Any, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        other_unit, other_city = await strangers(session, Role.recommender)
    expected = {cast.applicant: 403, cast.officer: 403, other_unit: 404, other_city: 404}
    for actor, status in expected.items():
        async with acting(actor) as client:
            assert (await review(client, cast, decision="approved")).status_code == status
    assert await rows(db) == []


async def test_a_membership_that_has_ended(acting: Any, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        ended = update(Membership).where(Membership.person_id == cast.recommender.person_id)
        await session.execute(ended.values(valid_to=cast.application.created_at))
    async with acting(cast.recommender) as client:
        assert (await review(client, cast, decision="approved")).status_code == 403
    assert await rows(db) == []


async def test_a_repeated_key_reviews_once(acting: Any, cast: Cast, db: Database) -> None:
    path = f"/v1/applications/{cast.application.id}/initial-review"
    async with acting(cast.recommender) as client:
        answers = [
            await client.post(path, json={"decision": "approved"}, headers={"Idempotency-Key": "one"})
            for _ in range(2)
        ]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(await rows(db)) == 1
