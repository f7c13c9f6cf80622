"""Calls that ask nobody for a recommendation (Lanzhou), or ask without initial review (Guilin)."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.intake.factories import pack
from tests.intake.reviews.bureau import Bureau
from tests.intake.steps.conftest import Town, found

from common.actor import Actor
from common.db import Database

Json = dict[str, Any]
OPENING = {"reason": "本市通知未写明起止时间"}


@pytest.fixture
def take(acting: Callable[..., Any]) -> Callable[..., Any]:
    """`await take(actor, "/v1/…", body)`: the answer of one request."""

    async def send(who: Actor, path: str, body: Json | None = None) -> Any:
        async with acting(who, cities=tuple(who.cities)) as client:
            return await client.post(path, json=body or {})

    return send


async def submitted(take: Any, town: Town) -> str:
    """The path of the town's draft once it has been handed in."""
    path = f"/v1/applications/{town.draft.id}"
    opened = await take(town.officer, f"/v1/calls/{town.draft.guide}/open", OPENING)
    assert opened.json()["state"] == "open", opened.text
    sent = await take(town.applicant, f"{path}/submit", {"expected_revision": 1})
    assert sent.json()["attempt"]["state"] == "admitted", sent.text
    return path


def reasons(body: Json) -> dict[str, str | None]:
    return {one["action"]: one["reason"] for one in body["allowed_actions"]}


async def test_the_office_takes_on_what_nobody_recommends(db: Database, owners: Bureau, take: Any) -> None:
    town = await found(db, owners, "lz-2022", "lz22-major-industry")
    path = await submitted(take, town)
    asked = owners.questions("eligibility", "/v1/assessments")[0]
    stated = {one["name"]: one["value"] for one in asked["facts"]}
    assert stated["lead.type"] == "enterprise"
    assert not stated.keys() & {"quota.row", "recommendation.unit"}
    for action, body in (("initial-review", {"decision": "approved"}), ("recommend", {})):
        refused = await take(town.recommender, f"{path}/{action}", body)
        assert (refused.status_code, refused.json()["reason"]) == (409, "step_not_used")
    sealed = await take(town.officer, f"{path}/accept", {"sealed": True})
    assert (sealed.status_code, sealed.json()["errors"][0]["pointer"]) == (422, "/sealed")
    accepted = await take(town.officer, f"{path}/accept")
    assert accepted.status_code == 200, accepted.text
    body = accepted.json()
    assert (body["state"], body["office"]) == ("accepted", "高新科")
    assert body["steps"] == ["submission", "expert_review", "public_notice"]
    passed = await take(town.officer, f"{path}/formal-review", {"decision": "pass"})
    assert passed.json()["application"]["state"] == "expert_review", passed.text
    said = {one["name"] for one in owners.questions("eligibility", "/v1/assessments")[-1]["facts"]}
    assert not said & {"recommendation.sealed", "recommendation.date"}


async def test_not_while_the_assessment_is_pending(db: Database, owners: Bureau, take: Any) -> None:
    town = await found(db, owners, "lz-2022", "lz22-major-industry")
    path = f"/v1/applications/{town.draft.id}"
    await take(town.officer, "/v1/calls/lz-2022/open", OPENING)
    owners.down = {"eligibility"}
    sent = await take(town.applicant, f"{path}/submit", {"expected_revision": 1})
    assert sent.json()["attempt"]["state"] == "admitted_pending"
    refused = await take(town.officer, f"{path}/accept")
    assert (refused.status_code, refused.json()["reason"]) == (409, "assessment_pending")


async def test_a_recommendation_without_initial_review_or_places(
    db: Database, owners: Bureau, take: Any
) -> None:
    town = await found(db, owners, "gl-2019", "gl19-14-sts-poverty")
    path = await submitted(take, town)
    early = await take(town.officer, f"{path}/accept", {"sealed": True})
    assert (early.status_code, early.json()["reason"]) == (409, "not_in_state")
    first = await take(town.recommender, f"{path}/recommend")
    assert first.json()["application"]["state"] == "recommended", first.text
    made = first.json()["recommendation"]
    assert (made["row"], made["hold"], owners.holds) == (None, None, {})
    asked = owners.questions("eligibility", "/v1/assessments")[-1]
    stated = {one["name"]: one["value"] for one in asked["facts"]}
    expected = {"id": town.above.uscc, "type": "st_department", "region": "450302"}
    assert stated["recommendation.unit"] == expected

    back = await take(town.recommender, f"/v1/recommendations/{made['id']}/withdraw", {"reason": "再核"})
    assert back.json()["state"] == "withdrawn", back.text
    again = await take(town.recommender, f"{path}/recommend")
    assert again.json()["application"]["state"] == "recommended", again.text
    silent = await take(town.officer, f"{path}/accept")
    assert (silent.status_code, silent.json()["errors"][0]["pointer"]) == (422, "/sealed")
    accepted = await take(town.officer, f"{path}/accept", {"sealed": True})
    assert accepted.json()["state"] == "accepted", accepted.text


async def test_a_closed_call_takes_no_recommendation_back(
    db: Database, owners: Bureau, take: Any, business_clock: Any
) -> None:
    business_clock.at("2019-05-06T09:00:00+08:00")
    town = await found(db, owners, "gl-2019", "gl19-14-sts-poverty")
    path = await submitted(take, town)
    made = (await take(town.recommender, f"{path}/recommend")).json()["recommendation"]
    closing = {"at": "2019-05-20T17:00:00+08:00", "reason": "截止"}
    assert (await take(town.officer, "/v1/calls/gl-2019/close", closing)).status_code == 200
    business_clock.at("2019-05-20T17:00:01+08:00")
    late = await take(town.recommender, f"/v1/recommendations/{made['id']}/withdraw", {"reason": "再核"})
    assert (late.status_code, late.json()["reason"]) == (409, "window_closed")


async def test_what_waits_for_whom(db: Database, owners: Bureau, take: Any) -> None:
    town = await found(db, owners, "lz-2022", "lz22-major-industry")
    await submitted(take, town)
    for who, action, there in (
        (town.officer, "accept", True),
        (town.officer, "initial_review", False),
        (town.recommender, "recommend", False),
    ):
        asked = {"awaiting": [{"state": "submitted", "action": action}]}
        answer = await take(who, "/v1/applications/search", asked)
        shown = [one["id"] for one in answer.json()["items"]]
        assert shown == ([str(town.draft.id)] if there else []), action
    answer = await take(town.officer, "/v1/applications/search", {"awaiting": []})
    assert answer.json()["items"] == []


async def test_the_applicant_is_told_what_the_call_does_not_use(
    db: Database, owners: Bureau, take: Any
) -> None:
    town = await found(db, owners, "hy-2021", "hy21-transfer-signed2020")
    shown = await take(town.applicant, "/v1/applications/batch", {"ids": [str(town.draft.id)]})
    assert reasons(shown.json()["items"][0])["submit"] == "step_not_used"
    town = await found(db, owners, "lz-2022", "lz22-support-agri")
    shown = await take(town.applicant, "/v1/applications/batch", {"ids": [str(town.draft.id)]})
    assert reasons(shown.json()["items"][0])["submit"] == "window_not_announced"
    assert pack("lz-2022").call.window is None


async def test_places_do_not_bind_where_the_guide_counts_none(
    db: Database, owners: Bureau, take: Any
) -> None:
    """Hengyang: initial review, recommendation, no places; two projects stand in one recommender's table."""
    town = await found(db, owners, "hy-2021", "hy21-rd-agri")
    path = await submitted(take, town)
    await take(town.recommender, f"{path}/initial-review", {"decision": "approved"})
    owners.limits = {}
    recommended = await take(town.recommender, f"{path}/recommend")
    assert recommended.json()["application"]["state"] == "recommended", recommended.text
    assert owners.questions("quota", "/v1/holds") == []
    asked = owners.questions("eligibility", "/v1/assessments")[-1]
    assert {one["name"]: one["value"] for one in asked["facts"]}["table.row_count"] == 1
