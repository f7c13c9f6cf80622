"""A version published on the way: a draft is judged by the newest, what was received stays with its own."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import httpx
from tests.intake.factories import CITY, GUIDE, Cast, pack, pack_text
from tests.intake.owners import Owners

from common.db import ALL_CITIES, Database
from guide import load_pack
from intake.applications.models import Application, Attempt

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
RunJob = Callable[..., Awaitable[None]]


def text_with(threshold: int) -> str:
    """The pack with another threshold of the R&D budget."""
    changed = pack_text().replace("budget.rd_total >= 3000000", f"budget.rd_total >= {threshold}")
    assert changed != pack_text()
    return changed


async def publish(acting: As, text: str) -> str:
    async with acting(None, caller="operator", cities=(CITY,)) as client:
        staged = await client.post("/v1/guides", json={"text": text})
        version: str = staged.json()["version"]
        answer = await client.post(f"/v1/guides/{GUIDE}/versions/{version}/publish")
        assert answer.json()["activated"] is True, answer.text
    return version


async def asked_of(owners: Owners, path: str) -> str:
    found: str = owners.questions("eligibility", path)[-1]["pack_version"]
    return found


async def precheck(acting: As, cast: Cast, owners: Owners) -> str:
    """The version by which the draft is judged now."""
    async with acting(cast.applicant) as client:
        answer = await client.post(f"/v1/applications/{cast.application.id}/precheck", json={})
        assert answer.status_code == 200, answer.text
    return await asked_of(owners, "/v1/prechecks")


async def submit(acting: As, cast: Cast) -> Any:
    async with acting(cast.applicant) as client:
        path = f"/v1/applications/{cast.application.id}/submit"
        return (await client.post(path, json={"expected_revision": 1})).json()


async def test_published_between_draft_and_submission(
    acting: As, cast: Cast, owners: Owners, db: Database
) -> None:
    assert await precheck(acting, cast, owners) == pack().version
    later = await publish(acting, text_with(4_000_000))
    assert later != pack().version
    assert await precheck(acting, cast, owners) == later
    done = await submit(acting, cast)
    assert done["attempt"]["state"] == "admitted", done
    assert await asked_of(owners, "/v1/assessments") == later
    assert done["receipt"]["pack_version"] == done["application"]["pack_version"] == later
    async with db.read(ALL_CITIES) as session:
        row = await session.get_one(Application, cast.application.id)
        attempt = await session.get_one(Attempt, row.attempt_id)
        assert (row.pack_version, attempt.pack_version) == (later, later)


async def test_published_after_submission(acting: As, cast: Cast, owners: Owners) -> None:
    done = await submit(acting, cast)
    assert done["receipt"]["pack_version"] == pack().version
    assert await publish(acting, text_with(4_000_000)) != pack().version
    async with acting(cast.officer) as client:
        path = f"/v1/applications/{cast.application.id}/reassess"
        again = await client.post(path, json={"reason": "登记库已更正"})
        assert again.status_code == 201, again.text
    assert again.json()["application"]["pack_version"] == pack().version
    assert await asked_of(owners, "/v1/assessments") == pack().version


async def test_published_while_an_owner_is_away(
    acting: As, cast: Cast, owners: Owners, run_job: RunJob, db: Database
) -> None:
    """Received under one version, completed after another was published: the first one decides."""
    owners.down = {"eligibility"}
    done = await submit(acting, cast)
    assert done["attempt"]["state"] == "admitted_pending"
    owners.down = set()
    await publish(acting, text_with(4_000_000))
    await run_job(db, "intake.finish_attempt", {"attempt_id": done["attempt"]["id"]})
    assert await asked_of(owners, "/v1/assessments") == pack().version
    async with db.read(ALL_CITIES) as session:
        attempt = await session.get_one(Attempt, UUID(done["attempt"]["id"]))
        assert (attempt.state, attempt.pack_version) == ("admitted", pack().version)


def test_the_versions_differ() -> None:
    assert load_pack(text_with(4_000_000)).version != pack().version
