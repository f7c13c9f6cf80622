"""Direct grant: a draft of a signed project is approved at once, by the head alone."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from tests.intake.factories import make_application
from tests.intake.reviews.bureau import Bureau
from tests.intake.steps.conftest import Town, found, whole

from common.db import ALL_CITIES, Database
from intake.applications.models import Application
from intake.awards.models import Award
from intake.feed.models import FeedItem

SIGNED = "hy21-transfer-signed2020"


@pytest.fixture
async def town(db: Database, owners: Bureau) -> Town:
    return await found(db, owners, "hy-2021", SIGNED)


async def grant(acting: Any, who: Any, town: Town, key: str = "k1", amount: int | None = 50_000) -> Any:
    path = f"/v1/applications/{town.draft.id}/grant-directly"
    async with acting(who, cities=tuple(who.cities)) as client:
        return await client.post(path, json={"grant": amount}, headers={"Idempotency-Key": key})


async def rows(db: Database, town: Town) -> tuple[str, list[Award], list[FeedItem]]:
    async with db.read(ALL_CITIES) as session:
        state = (await session.get_one(Application, town.draft.id)).state
        return (
            state,
            list(await session.scalars(select(Award))),
            list(await session.scalars(select(FeedItem))),
        )


async def test_from_draft_to_the_list_in_one(acting: Any, town: Town, db: Database, owners: Bureau) -> None:
    answer = await grant(acting, town.head, town)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["application"]["state"], body["application"]["received_at"]) == ("approved", None)
    assert body["application"]["assessments"]["approval"] == str(
        owners.questions("eligibility", "/v1/assessments")[0]["id"]
    )
    assert (body["award"]["number"], body["award"]["grant"], body["seq"]) == ("hy-2021-0001", 50_000, 1)
    again = await grant(acting, town.head, town)
    assert again.json() == body
    state, awards, items = await rows(db, town)
    assert (state, len(awards), [one.seq for one in items]) == ("approved", 1, [1])
    other = await grant(acting, town.head, town, key="k2")
    assert (other.status_code, other.json()["reason"]) == (409, "not_in_state")


async def test_who_may(acting: Any, town: Town, db: Database) -> None:
    for who, status in ((town.officer, 403), (town.applicant, 403), (town.stranger, 404)):
        assert (await grant(acting, who, town)).status_code == status
    assert await rows(db, town) == ("draft", [], [])


async def test_not_on_the_list_of_signed_projects(
    acting: Any, town: Town, db: Database, owners: Bureau
) -> None:
    owners.facts = {**whole("hy-2021", SIGNED), "signed_list": {"entry": "none"}}
    answer = await grant(acting, town.head, town)
    assert (answer.status_code, answer.json()["code"]) == (409, "intake.findings_undecided")
    assert "HY-SGN-01" in {one["rule"] for one in answer.json()["findings"]}
    assert await rows(db, town) == ("draft", [], [])


async def test_eligibility_away(acting: Any, town: Town, db: Database, owners: Bureau) -> None:
    owners.down = {"eligibility"}
    assert (await grant(acting, town.head, town)).status_code == 503
    assert await rows(db, town) == ("draft", [], [])


async def test_only_where_the_guide_grants_directly(acting: Any, db: Database, owners: Bureau) -> None:
    general = await found(db, owners, "hy-2021", "hy21-transfer-general")
    answer = await grant(acting, general.head, general)
    assert (answer.status_code, answer.json()["reason"]) == (409, "step_not_used")


async def test_a_change_meanwhile(acting: Any, town: Town, db: Database, owners: Bureau) -> None:
    """The draft is edited while the owners answer; the grant stands on what it was."""
    owners.gate = asyncio.Event()
    granting = asyncio.create_task(grant(acting, town.head, town))
    await owners.reached.wait()
    async with db.write(ALL_CITIES) as session:
        draft = await session.get_one(Application, town.draft.id)
        draft.revision += 1
    owners.gate.set()
    answer = await granting
    assert (answer.status_code, answer.json()["code"]) == (412, "common.revision_mismatch")
    assert await rows(db, town) == ("draft", [], [])


async def test_it_is_no_other_application_of_the_unit(
    acting: Any, town: Town, db: Database, owners: Bureau
) -> None:
    """HY-SGN-04: a direct grant does not count against what the unit applies for."""
    assert (await grant(acting, town.head, town)).status_code == 200
    async with db.write(ALL_CITIES) as session:
        for state in ("submitted", "draft"):
            made = await make_application(
                session, town.unit, guide="hy-2021", category="hy21-basic", form={}, state=state
            )
    async with acting(town.applicant, cities=tuple(town.applicant.cities)) as client:
        checked = await client.post(f"/v1/applications/{made.id}/precheck", json={})
    assert checked.status_code == 200, checked.text
    asked = owners.questions("eligibility", "/v1/prechecks")[-1]
    others = asked["facts"]["applicant"]["other_applications"]
    assert [one["category"] for one in others] == ["hy21-basic"]
