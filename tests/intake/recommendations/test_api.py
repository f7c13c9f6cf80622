"""Recommending over HTTP: what comes back, who may, and what is refused."""

from typing import Any
from uuid import UUID

import pytest
from tests.intake.factories import Cast, make_actor
from tests.intake.reviews.bureau import POOL, Bureau, strangers, submitted_cast

from common.db import ALL_CITIES, Database
from common.ids import new_id
from common.roles import Role
from intake.applications.models import Application
from intake.recommendations.models import Recommendation


@pytest.fixture
async def cast(db: Database) -> Cast:
    async with db.write(ALL_CITIES) as session:
        return await submitted_cast(session, "initial_review_passed")


async def recommend(client: Any, cast: Cast, key: str | None = "k1") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    path = f"/v1/applications/{cast.application.id}/recommend"
    return await client.post(path, json={}, headers=headers)


def finding(body: Any, rule: str) -> Any:
    return next(one for one in body["findings"] if one["rule"] == rule)


async def stored(db: Database, recommendation_id: str) -> Recommendation:
    async with db.read(ALL_CITIES) as session:
        found = await session.get(Recommendation, UUID(recommendation_id))
    assert found is not None
    return found


async def test_a_recommendation_takes_a_place(
    acting: Any, cast: Cast, owners: Bureau, db: Database, run_job: Any
) -> None:
    async with acting(cast.recommender) as client:
        answer = await recommend(client, cast)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    made = body["recommendation"]
    assert (made["state"], made["row"]) == ("recommended", "qz20-rd/qujiang")
    assert made["hold"]["pools"][0] == {"key": POOL, "n": 1, "limit": 5, "used": 1, "left": 4}
    assert body["application"]["state"] == "recommended"
    assert body["application"]["recommendation_id"] == made["id"]
    assert body["application"]["assessments"]["recommendation"] == made["assessment_id"]
    assert finding(body, "QZ-4-8b")["outcome"] == "pass"
    assert finding(body, "QZ-WIN-02")["outcome"] == "pass"
    assert list(owners.holds) == [made["id"]]
    await run_job(db, "intake.confirm_hold", {"recommendation_id": made["id"], "city": "330800"})
    assert owners.holds[made["id"]]["state"] == "confirmed"


async def test_who_may_recommend(acting: Any, cast: Cast, db: Database, owners: Bureau) -> None:
    async with db.write(ALL_CITIES) as session:
        other_unit, other_city = await strangers(session, Role.recommender)
        personal = await make_actor(session, Role.recommender, unit=cast.recommending_unit)
    expected = {
        cast.applicant: 403,
        cast.officer: 403,
        other_unit: 404,
        other_city: 404,
        personal: 409,  # QZ-CH-02: a legal-person login
    }
    for actor, status in expected.items():
        async with acting(actor) as client:
            answer = await recommend(client, cast)
        assert answer.status_code == status, answer.text
    assert owners.holds == {}


async def test_a_refused_assessment_takes_no_place(acting: Any, cast: Cast, owners: Bureau) -> None:
    owners.registers["blacklist.listed"] = True
    async with acting(cast.recommender) as client:
        body = (await recommend(client, cast)).json()
    assert body["recommendation"]["state"] == "refused"
    assert body["recommendation"]["reason"] == "assessment_refused"
    assert body["application"]["state"] == "initial_review_passed"
    assert "QZ-SUB-04" in body["application"]["failure"]["rules"]
    assert owners.questions("quota", "/v1/holds") == []


async def test_no_place_is_left(acting: Any, cast: Cast, owners: Bureau) -> None:
    owners.limits[POOL] = 0
    async with acting(cast.recommender) as client:
        body = (await recommend(client, cast)).json()
    assert body["recommendation"]["state"] == "refused"
    place = finding(body, "QZ-4-8b")
    assert place["outcome"] == "fail"
    assert place["gap"]["value"] >= 1
    assert body["application"]["state"] == "initial_review_passed"


async def test_quota_knows_better_than_what_was_assessed(acting: Any, cast: Cast, owners: Bureau) -> None:
    """The last place went between assessment and hold: the finding is written from quota's answer."""
    owners.seen_used = 0
    owners.limits[POOL] = 5
    owners.holds = {
        str(n): {"subject": str(n), "state": "held", "pools": [{"key": POOL, "n": 1}]} for n in range(5)
    }
    async with acting(cast.recommender) as client:
        body = (await recommend(client, cast)).json()
    made, place = body["recommendation"], finding(body, "QZ-4-8b")
    assert (made["state"], made["reason"], made["hold"]) == ("refused", "place_exhausted", None)
    assert (place["outcome"], place["gap"]) == (
        "fail",
        {"fact": "quota.used", "value": 1, "unit": "places"},
    )
    told = {fact["name"]: fact["value"] for fact in place["facts_used"]}
    assert (told["quota.used"], told["quota.limit"]) == (5, 5)
    assert body["application"]["failure"] == {
        "code": "intake.recommendation_refused",
        "rules": ["QZ-4-8b"],
        "reason": None,
    }


async def test_a_row_that_quota_does_not_have(acting: Any, cast: Cast, owners: Bureau) -> None:
    owners.limits.clear()
    async with acting(cast.recommender) as client:
        body = (await recommend(client, cast)).json()
    assert body["recommendation"]["state"] == "refused"
    assert finding(body, "QZ-4-8c")["outcome"] == "fail"
    assert body["application"]["failure"]["rules"] == ["QZ-4-8c"]


async def test_retries_find_the_same_recommendation(acting: Any, cast: Cast, owners: Bureau) -> None:
    async with acting(cast.recommender) as client:
        first = (await recommend(client, cast)).json()
        again = (await recommend(client, cast)).json()
        other_key = await recommend(client, cast, "k2")
    assert again["recommendation"] == first["recommendation"]
    assert again["findings"] == first["findings"]
    assert other_key.status_code == 409
    assert other_key.json()["code"] == "intake.action_not_allowed"
    assert owners.used() == 1


async def test_a_key_belongs_to_one_application(acting: Any, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        second = await submitted_cast(session, "initial_review_passed")
        row = await session.get_one(Application, second.application.id)
        row.recommending_unit_id = cast.recommending_unit.id
    async with acting(cast.recommender) as client:
        await recommend(client, cast, "same")
        answer = await recommend(client, second, "same")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.key_reused")


@pytest.mark.parametrize("away", ["quota", "eligibility"])
async def test_an_owner_that_is_away_and_comes_back(
    acting: Any, cast: Cast, owners: Bureau, away: str
) -> None:
    owners.down.add(away)
    async with acting(cast.recommender) as client:
        failed = await recommend(client, cast)
        assert (failed.status_code, failed.json()["service"]) == (503, away)
        owners.down.clear()
        body = (await recommend(client, cast, "another")).json()
    assert body["recommendation"]["state"] == "recommended"
    assert finding(body, "QZ-4-8b")["outcome"] == "pass"
    assert owners.used() == 1


async def test_documents_away_does_not_stop_a_recommendation(acting: Any, cast: Cast, owners: Bureau) -> None:
    owners.down.add("documents")
    async with acting(cast.recommender) as client:
        assert (await recommend(client, cast)).json()["recommendation"]["state"] == "recommended"


async def test_after_the_close(acting: Any, cast: Cast, owners: Bureau, business_clock: Any) -> None:
    business_clock.at("2020-06-28T17:00:00.001+08:00")
    async with acting(cast.recommender) as client:
        body = (await recommend(client, cast)).json()
    assert finding(body, "QZ-WIN-02")["outcome"] in ("fail", "manual")
    assert (body["recommendation"]["state"] == "refused") == (owners.used() == 0)


@pytest.mark.parametrize("body", [{"row": "qz20-rd/kecheng"}, [], "x", None])
async def test_bad_bodies(acting: Any, cast: Cast, owners: Bureau, body: Any) -> None:
    async with acting(cast.recommender) as client:
        answer = await client.post(f"/v1/applications/{cast.application.id}/recommend", json=body)
    assert answer.status_code == 422
    assert owners.holds == {}


async def test_withdrawing_frees_the_place(
    acting: Any, cast: Cast, owners: Bureau, db: Database, run_job: Any
) -> None:
    async with acting(cast.recommender) as client:
        made = (await recommend(client, cast)).json()["recommendation"]
        path = f"/v1/recommendations/{made['id']}/withdraw"
        assert (await client.post(path, json={})).status_code == 422
        answer = await client.post(path, json={"reason": "材料有误"})
        assert answer.json()["state"] == "withdrawn"
        assert (await client.post(path, json={"reason": "再次"})).status_code == 409
    await run_job(db, "intake.void_hold", {"recommendation_id": made["id"], "city": "330800"})
    assert owners.used() == 0
    # the confirmation that was asked for before must not bring it back
    await run_job(db, "intake.confirm_hold", {"recommendation_id": made["id"], "city": "330800"})
    assert owners.used() == 0
    async with acting(cast.recommender) as client:
        again = (await recommend(client, cast, "k2")).json()
    assert again["recommendation"]["state"] == "recommended"


async def test_no_withdrawing_after_the_close(acting: Any, cast: Cast, business_clock: Any) -> None:
    async with acting(cast.recommender) as client:
        made = (await recommend(client, cast)).json()["recommendation"]
        business_clock.at("2020-06-28T17:00:00.001+08:00")
        answer = await client.post(f"/v1/recommendations/{made['id']}/withdraw", json={"reason": "迟"})
    assert (answer.status_code, answer.json()["reason"]) == (409, "window_closed")


async def test_who_may_withdraw(acting: Any, cast: Cast, db: Database) -> None:
    async with acting(cast.recommender) as client:
        made = (await recommend(client, cast)).json()["recommendation"]
    async with db.write(ALL_CITIES) as session:
        other_unit, other_city = await strangers(session, Role.recommender)
    for actor, status in ((other_unit, 404), (other_city, 404), (cast.officer, 403), (cast.applicant, 403)):
        async with acting(actor) as client:
            answer = await client.post(f"/v1/recommendations/{made['id']}/withdraw", json={"reason": "不"})
        assert answer.status_code == status


async def test_withdrawing_the_application_frees_the_place(
    acting: Any, cast: Cast, owners: Bureau, db: Database, run_job: Any
) -> None:
    async with acting(cast.recommender) as client:
        made = (await recommend(client, cast)).json()["recommendation"]
    async with acting(cast.applicant) as client:
        path = f"/v1/applications/{cast.application.id}/withdraw"
        assert (await client.post(path, json={"reason": "不再申报"})).json()["state"] == "withdrawn"
    assert (await stored(db, made["id"])).state == "withdrawn"
    await run_job(db, "intake.void_hold", {"recommendation_id": made["id"], "city": "330800"})
    assert owners.used() == 0


async def test_after_the_close_a_withdrawn_application_keeps_its_place_taken(
    acting: Any, cast: Cast, owners: Bureau, db: Database, run_job: Any, business_clock: Any
) -> None:
    async with acting(cast.recommender) as client:
        made = (await recommend(client, cast)).json()["recommendation"]
    await run_job(db, "intake.confirm_hold", {"recommendation_id": made["id"], "city": "330800"})
    business_clock.at("2020-06-28T17:00:00.001+08:00")
    async with acting(cast.applicant) as client:
        path = f"/v1/applications/{cast.application.id}/withdraw"
        assert (await client.post(path, json={"reason": "不再申报"})).json()["state"] == "withdrawn"
    assert (await stored(db, made["id"])).state == "withdrawn"
    assert owners.used() == 1


async def test_batch_shows_what_one_may_see(acting: Any, cast: Cast, db: Database) -> None:
    async with acting(cast.recommender) as client:
        made = (await recommend(client, cast)).json()["recommendation"]
    async with db.write(ALL_CITIES) as session:
        other_unit, other_city = await strangers(session, Role.recommender)
    wanted = {"ids": [made["id"], str(new_id())]}
    for actor, seen in (
        (cast.recommender, 1),
        (cast.applicant, 1),
        (cast.officer, 1),
        (other_unit, 0),
        (other_city, 0),
    ):
        async with acting(actor) as client:
            answer = await client.post("/v1/recommendations/batch", json=wanted)
        assert len(answer.json()["items"]) == seen
