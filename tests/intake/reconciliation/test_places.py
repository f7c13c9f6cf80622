"""What place each recommendation may claim, and taking one again that quota has lost."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from tests.intake.factories import Cast
from tests.intake.reviews.bureau import POOL, Bureau, submitted_cast

from common.db import ALL_CITIES, Database
from common.ids import new_id
from intake.recommendations import service
from intake.recommendations.models import Recommendation

CLOSED = "2020-06-29T09:00:00+08:00"
LIST = "/v1/reconciliation/recommendations"


@pytest.fixture
async def cast(db: Database) -> Cast:
    async with db.write(ALL_CITIES) as session:
        return await submitted_cast(session, "initial_review_passed")


@pytest.fixture
async def recommended(acting: Any, cast: Cast) -> str:
    """Id of a recommendation that stands."""
    async with acting(cast.recommender) as client:
        answer = await client.post(f"/v1/applications/{cast.application.id}/recommend", json={})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["recommendation"]["id"])


async def places(acting: Any) -> dict[str, str]:
    async with acting(caller="operator") as client:
        answer = await client.get(LIST)
    assert answer.status_code == 200, answer.text
    return {one["id"]: one["place"] for one in answer.json()["items"]}


async def retake(acting: Any, recommendation: str, **named: Any) -> Any:
    async with acting(caller="operator", **named) as client:
        return await client.post(f"{LIST}/{recommendation}/retake", json={})


async def test_a_place_is_due_until_it_is_given_back(acting: Any, cast: Cast, recommended: str) -> None:
    assert await places(acting) == {recommended: "due"}
    async with acting(cast.recommender) as client:
        answer = await client.post(f"/v1/recommendations/{recommended}/withdraw", json={"reason": "错报"})
    assert (answer.status_code, answer.json()["hold"]["state"]) == (200, "void")
    assert await places(acting) == {recommended: "none"}


async def test_withdrawn_after_the_close_it_is_kept(
    acting: Any, cast: Cast, recommended: str, business_clock: Any
) -> None:
    """And quota hears so when it asks: the place must not come free because the confirmation was late."""
    business_clock.at(CLOSED)
    async with acting(cast.applicant) as client:
        path = f"/v1/applications/{cast.application.id}/withdraw"
        answer = await client.post(path, json={"reason": "放弃"})
    assert answer.status_code == 200, answer.text
    assert await places(acting) == {recommended: "kept"}
    async with acting(caller="quota") as client:
        answer = await client.post(f"/v1/holds/{recommended}/settle", json={})
    assert answer.json() == {"outcome": "committed"}


async def test_one_that_is_being_decided_claims_nothing_yet(acting: Any, cast: Cast, db: Database) -> None:
    async with db.write(cast.recommender) as session:
        made, _ = await service.open_(
            session, cast.recommender, cast.application.id, None, timedelta(seconds=60)
        )
    assert await places(acting) == {str(made.id): "undecided"}
    assert (await retake(acting, str(made.id))).json()["code"] == "intake.place_not_due"


async def test_a_lost_place_is_taken_again_under_the_same_subject(
    acting: Any, recommended: str, owners: Bureau, db: Database
) -> None:
    owners.holds.clear()
    for _ in range(2):
        answer = await retake(acting, recommended)
        assert (answer.status_code, answer.json()) == (200, {"outcome": "held"})
    assert owners.holds[recommended]["state"] == "confirmed"
    assert owners.questions("quota", "/v1/holds")[-1]["reason"] == "reconciled"
    async with db.read(ALL_CITIES) as session:
        query = text("SELECT actor FROM audit_entries WHERE action = 'recommendation.place_retaken'")
        assert set(await session.scalars(query)) == {"service:operator"}


async def test_where_no_place_is_left_nothing_is_taken(acting: Any, recommended: str, owners: Bureau) -> None:
    owners.holds.clear()
    owners.limits[POOL] = 0
    assert (await retake(acting, recommended)).json() == {"outcome": "exhausted"}
    owners.limits.clear()
    assert (await retake(acting, recommended)).json() == {"outcome": "unknown_row"}
    assert owners.holds == {}


async def test_what_was_given_back_stays_so(acting: Any, recommended: str, owners: Bureau) -> None:
    owners.holds[recommended]["state"] = "void"
    assert (await retake(acting, recommended)).json() == {"outcome": "void"}


async def test_it_is_the_operators_and_of_one_city(acting: Any, recommended: str, cast: Cast) -> None:
    assert (await retake(acting, str(new_id()))).status_code == 404
    assert (await retake(acting, recommended, cities=("330100",))).status_code == 404
    for actor, caller in ((cast.officer, "gateway"), (None, "gateway"), (None, "quota")):
        async with acting(actor, caller=caller) as client:
            assert (await client.get(LIST)).status_code == 403
            assert (await client.post(f"{LIST}/{recommended}/retake", json={})).status_code == 403


async def test_pages_follow_the_ids(acting: Any, cast: Cast, db: Database) -> None:
    wanted = []
    async with db.write(ALL_CITIES) as session:
        for _ in range(5):
            row = Recommendation(
                id=new_id(),
                city=cast.application.city,
                application_id=cast.application.id,
                unit_id=cast.recommending_unit.id,
                state="void",
                application_revision=1,
                received_at=cast.application.created_at,
                assessment_id=new_id(),
                created_by="somebody",
                created_at=cast.application.created_at,
            )
            session.add(row)
            wanted.append(str(row.id))
    found, cursor = [], None
    async with acting(caller="operator") as client:
        while True:
            params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            page = (await client.get(LIST, params=params)).json()
            found += [one["id"] for one in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert (await client.get(LIST, params={"cursor": "bm9uc2Vuc2U"})).status_code == 422
    assert found == sorted(wanted)
