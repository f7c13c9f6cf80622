"""A version that gives a category other steps, or drops it: drafts go by the version in force."""

from typing import Any

import pytest
from tests.intake.factories import make_application, pack_text
from tests.intake.reviews.bureau import Bureau
from tests.intake.steps.conftest import Town, found

from common.clock import clock
from common.db import ALL_CITIES, Database
from guide import load_pack
from intake.applications.models import Application, Attempt
from intake.guides.models import Guide, GuideVersion

GUIDE, CATEGORY, SIGNED = "hy-2021", "hy21-basic", "hy21-transfer-signed2020"
LIFE = ["submission", "initial_review", "recommendation"]


def granted_directly() -> str:
    """The pack with the category's projects granted directly, and with no other step for them."""
    lines = pack_text(GUIDE).splitlines(keepends=True)
    changed = [
        line.replace(f" {CATEGORY},", "") if line.startswith("    - {id: ") else line for line in lines
    ]
    return "".join(changed).replace(f"categories: [{SIGNED}]", f"categories: [{SIGNED}, {CATEGORY}]")


async def publish(db: Database, owners: Bureau, text: str) -> None:
    owners.pack = pack = load_pack(text)
    async with db.write(ALL_CITIES) as session:
        at = clock.business()
        session.add(
            GuideVersion(
                guide=pack.id,
                version=pack.version,
                city=pack.city,
                text=text,
                state="published",
                created_at=at,
                published_at=at,
            )
        )
        (await session.get_one(Guide, pack.id)).current_version = pack.version


async def post(acting: Any, who: Any, town: Town, path: str, body: dict[str, Any]) -> Any:
    async with acting(who, cities=tuple(who.cities)) as client:
        return await client.post(f"/v1/applications/{town.draft.id}/{path}", json=body)


async def shown(acting: Any, who: Any, town: Town) -> dict[str, Any]:
    async with acting(who, cities=tuple(who.cities)) as client:
        answer = await client.post("/v1/applications/batch", json={"ids": [str(town.draft.id)]})
    (item,) = answer.json()["items"]
    return {"steps": item["steps"]} | {
        one["action"]: one["reason"] or "allowed" for one in item["allowed_actions"]
    }


async def open_call(acting: Any, town: Town) -> None:
    async with acting(town.officer, cities=("430400",)) as client:
        answer = await client.post(f"/v1/calls/{GUIDE}/open", json={"reason": "指南未写起止时间"})
    assert answer.status_code in (200, 409), answer.text


async def test_a_draft_that_can_no_longer_be_submitted(acting: Any, db: Database, owners: Bureau) -> None:
    town = await found(db, owners, GUIDE, CATEGORY, steps=LIFE)
    await open_call(acting, town)
    assert (await shown(acting, town.applicant, town))["submit"] == "allowed"
    await publish(db, owners, granted_directly())
    actions = await shown(acting, town.applicant, town)
    assert (actions["submit"], actions["steps"]) == ("step_not_used", ["direct_grant"])
    refused = await post(acting, town.applicant, town, "submit", {"expected_revision": 1})
    assert (refused.status_code, refused.json()["reason"]) == (409, "step_not_used")
    async with db.read(ALL_CITIES) as session:
        row = await session.get_one(Application, town.draft.id)
        assert (row.open_attempt_id, row.attempt_id) == (None, None)


async def test_a_draft_that_is_now_granted_directly(acting: Any, db: Database, owners: Bureau) -> None:
    town = await found(db, owners, GUIDE, CATEGORY, steps=LIFE)
    body = {"grant": 50_000}
    early = await post(acting, town.head, town, "grant-directly", body)
    assert (early.status_code, early.json()["reason"]) == (409, "step_not_used")
    await publish(db, owners, granted_directly())
    done = await post(acting, town.head, town, "grant-directly", body)
    assert done.status_code == 200, done.text
    assert done.json()["application"]["steps"] == ["direct_grant"]


async def test_the_sum_that_is_granted_directly_is_assessed(
    acting: Any, db: Database, owners: Bureau
) -> None:
    """In Guilin, were it to grant directly: its rules look at the sum and at how many were approved."""
    form = {"budget.requested_grant": 20_000}
    town = await found(db, owners, "gl-2019", "gl19-01-ict-core")
    async with db.write(ALL_CITIES) as session:
        (await session.get_one(Application, town.draft.id)).form = form
    never = "- {id: direct_grant, used: false, clause: null}"
    text = pack_text("gl-2019")
    assert never in text
    await publish(db, owners, text.replace(never, never.replace("false", "true")))
    done = await post(acting, town.head, town, "grant-directly", {"grant": 70_000})
    assert done.status_code == 200, done.text
    (asked,) = owners.questions("eligibility", "/v1/assessments")
    told = {one["name"]: one["value"] for one in asked["facts"]}
    assert (told["budget.requested_grant"], told["selection.approved_count"]) == (70_000, 1)


async def test_a_draft_from_before_its_category_took_applications(
    acting: Any, db: Database, owners: Bureau
) -> None:
    town = await found(db, owners, GUIDE, CATEGORY, steps=["direct_grant"])
    await open_call(acting, town)
    assert (await shown(acting, town.applicant, town))["submit"] == "allowed"
    answer = await post(acting, town.applicant, town, "submit", {"expected_revision": 1})
    assert answer.status_code in (200, 202), answer.text
    async with db.read(ALL_CITIES) as session:
        row = await session.get_one(Application, town.draft.id)
        attempt = await session.get_one(Attempt, row.attempt_id)
        assert (row.state, attempt.application_id) == ("submitted", row.id)
        assert "submission" in row.steps


@pytest.mark.parametrize("command", ["submit", "precheck", "grant-directly", "upload-tickets", "edit"])
async def test_a_category_that_the_version_in_force_dropped(
    acting: Any, db: Database, owners: Bureau, command: str
) -> None:
    town = await found(db, owners, GUIDE, CATEGORY)
    async with db.write(ALL_CITIES) as session:
        steps = ["submission", "direct_grant"]
        town.draft = await make_application(
            session, town.unit, guide=GUIDE, category="hy21-dropped", form={}, steps=steps
        )
    await open_call(acting, town)
    bodies: dict[str, dict[str, Any]] = {
        "submit": {"expected_revision": 1},
        "precheck": {},
        "grant-directly": {"grant": 1},
        "upload-tickets": {
            "material": "HY-D01",
            "filename": "a.pdf",
            "content_type": "application/pdf",
            "size": 9,
        },
    }
    if command == "edit":
        async with acting(town.applicant, cities=("430400",)) as client:
            path, headers = f"/v1/applications/{town.draft.id}", {"if-match": '"1"'}
            answer = await client.patch(path, json={"title": "新题目"}, headers=headers)
    else:
        who = town.head if command == "grant-directly" else town.applicant
        answer = await post(acting, who, town, command, bodies[command])
    expected = (409, "step_not_used") if command == "grant-directly" else (422, None)
    assert (answer.status_code, answer.json().get("reason")) == expected, answer.text
    if command != "grant-directly":
        assert answer.json()["code"] == "intake.category_unknown"
    async with db.read(ALL_CITIES) as session:
        assert (await session.get_one(Application, town.draft.id)).open_attempt_id is None
