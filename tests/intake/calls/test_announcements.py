"""A call whose guide names no window: the bureau says when it opens and closes, and may move the close."""

from typing import Any

import pytest
from tests.intake.factories import make_actor, publish
from tests.intake.steps.conftest import Town, found

from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.roles import Role

NOW = "2022-03-01T09:00:00+08:00"
LATER = "2022-04-01T17:00:00+08:00"


@pytest.fixture
async def town(db: Database, owners: Any, business_clock: Any) -> Town:
    business_clock.at(NOW)
    return await found(db, owners, "lz-2022", "lz22-support-agri")


async def say(acting: Any, who: Actor, kind: str, at: str | None = None, **named: Any) -> Any:
    path = f"/v1/calls/{named.pop('guide', 'lz-2022')}/{kind}"
    headers = {"Idempotency-Key": named.pop("key")} if "key" in named else {}
    async with acting(who, cities=tuple(who.cities)) as client:
        return await client.post(path, json={"at": at, "reason": "局办公会决定", **named}, headers=headers)


async def submit(acting: Any, town: Town, revision: int = 1) -> Any:
    async with acting(town.applicant, cities=tuple(town.applicant.cities)) as client:
        path = f"/v1/applications/{town.draft.id}/submit"
        return await client.post(path, json={"expected_revision": revision})


async def shown(acting: Any) -> Any:
    async with acting(None, caller="gateway", cities=()) as client:
        answer = await client.post("/v1/calls/batch", json={"ids": ["lz-2022"]})
    return answer.json()["items"][0]


async def test_shut_until_the_bureau_opens_it(acting: Any, town: Town, business_clock: Any) -> None:
    call = await shown(acting)
    expected = ("published", None, None, "not_stated", [])
    told = [call[key] for key in ("state", "open_at", "close_at", "window_source", "announcements")]
    assert tuple(told) == expected
    early = await submit(acting, town)
    assert (early.status_code, early.json()["reason"]) == (409, "window_not_announced")

    opened = await say(acting, town.officer, "open", "2022-03-02T09:00:00+08:00")
    assert opened.status_code == 200, opened.text
    assert (opened.json()["state"], opened.json()["window_source"]) == ("published", "announced")
    early = await submit(acting, town)
    assert early.json()["attempt"]["failure"]["code"] == "intake.window_not_open"
    business_clock.at("2022-03-02T09:00:00+08:00")
    assert (await shown(acting))["state"] == "open"
    sent = await submit(acting, town, early.json()["application"]["revision"])
    assert sent.json()["attempt"]["state"] == "admitted", sent.text


async def test_the_close_is_moved_with_its_history(acting: Any, town: Town, business_clock: Any) -> None:
    await say(acting, town.officer, "open")
    await say(acting, town.officer, "close", LATER)
    moved = await say(acting, town.head, "close", "2022-03-15T17:00:00+08:00", reason="提前截止")
    assert moved.json()["close_at"] == "2022-03-15T17:00:00+08:00"
    kinds = [(one["kind"], one["at"], one["reason"]) for one in moved.json()["announcements"]]
    assert kinds == [
        ("open", NOW, "局办公会决定"),
        ("close", LATER, "局办公会决定"),
        ("close", "2022-03-15T17:00:00+08:00", "提前截止"),
    ]
    business_clock.at("2022-03-15T17:00:00.001+08:00")
    assert (await shown(acting))["state"] == "closed"
    late = await submit(acting, town)
    assert late.json()["attempt"]["failure"]["code"] == "intake.window_closed"
    extended = await say(acting, town.officer, "close", LATER, reason="延期")
    assert extended.json()["state"] == "open"
    sent = await submit(acting, town, late.json()["application"]["revision"])
    assert sent.json()["attempt"]["state"] == "admitted", sent.text


async def test_what_is_refused(acting: Any, town: Town, business_clock: Any) -> None:
    async def refusal(kind: str, at: str | None = None, **named: Any) -> tuple[int, str]:
        body = (await say(acting, town.officer, kind, at, **named)).json()
        return body["status"], body["errors"][0]["code"] if body.get("errors") else body["code"]

    assert await refusal("close", LATER) == (422, "order")  # not opened yet
    assert await refusal("open", "2022-02-28T09:00:00+08:00") == (422, "past")
    assert await refusal("open", reason="") == (422, "string_too_short")
    assert await refusal("open", "2022-03-02T09:00:00") == (422, "timezone_aware")
    assert await refusal("open", guide="no-such") == (404, "common.not_found")
    await say(acting, town.officer, "open", "2022-03-10T09:00:00+08:00")
    assert await refusal("close", "2022-03-10T09:00:00+08:00") == (422, "order")
    assert (await say(acting, town.officer, "close", LATER)).status_code == 200
    assert await refusal("open", LATER) == (422, "order")
    moved = await say(acting, town.officer, "open", "2022-03-05T09:00:00+08:00")
    assert moved.json()["open_at"] == "2022-03-05T09:00:00+08:00"
    business_clock.at("2022-03-05T09:00:00+08:00")
    assert await refusal("open", "2022-03-20T09:00:00+08:00") == (409, "intake.call_opened")


async def test_once_per_key(acting: Any, town: Town) -> None:
    first = await say(acting, town.officer, "open", key="k1")
    again = await say(acting, town.officer, "open", key="k1")
    assert again.json() == first.json()
    assert len((await shown(acting))["announcements"]) == 1


async def test_who_may(acting: Any, town: Town, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        reviewer = await make_actor(session, Role.formal_reviewer, city="620100")
    for who, status in (
        (town.applicant, 403),
        (town.recommender, 403),
        (reviewer, 403),
        (town.stranger, 404),
        (town.head, 200),
    ):
        assert (await say(acting, who, "open", "2022-03-02T09:00:00+08:00")).status_code == status


async def test_what_the_guide_states_nobody_announces(acting: Any, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        await publish(session)
        officer = await make_actor(session, Role.officer)
    for kind in ("open", "close"):
        refused = await say(acting, officer, kind, "2030-01-01T00:00:00+08:00", guide="qz-2020")
        assert (refused.status_code, refused.json()["code"]) == (409, "intake.window_stated")
