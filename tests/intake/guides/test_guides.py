"""Packs come in checked, stay as they are, and come into force everywhere or nowhere."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from tests.intake.factories import GUIDE, OTHER_CITY, make_actor, pack, pack_text
from tests.intake.owners import Owners

from common.db import ALL_CITIES, Database
from common.roles import Role
from intake.guides import service
from intake.guides.models import Guide

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
RunJob = Callable[..., Awaitable[None]]
PUBLISH = f"/v1/guides/{GUIDE}/versions/{pack().version}/publish"


def operator(acting: As, city: str = "330800") -> Any:
    return acting(None, caller="operator", cities=(city,))


async def pointer(db: Database) -> Guide | None:
    async with db.read(ALL_CITIES) as session:
        return await session.get(Guide, GUIDE, populate_existing=True)


async def staged(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/guides", json={"text": pack_text()})
    assert answer.status_code == 201, answer.text


async def test_a_pack_is_staged_published_and_shown(acting: As, owners: Owners, db: Database) -> None:
    async with operator(acting) as client:
        dry = await client.post("/v1/guides?dry_run=true", json={"text": pack_text()})
        assert (dry.status_code, dry.json()["state"]) == (200, "validated")
        assert await pointer(db) is None
        await staged(client)
        assert (await client.get("/v1/calls")).json() == {"items": []}
        answer = await client.post(PUBLISH)
        assert answer.json() == {
            "guide": GUIDE,
            "version": pack().version,
            "state": "published",
            "activated": True,
        }
    async with acting(None, caller="gateway", cities=()) as client:
        shown = (await client.get(f"/v1/guides/{GUIDE}")).json()
        text = (await client.get(f"/v1/guides/{GUIDE}/versions/{pack().version}")).json()
        assert (await client.get("/v1/guides/no-such")).status_code == 404
        assert (await client.get(f"/v1/guides/{GUIDE}/versions/abc")).status_code == 404
        schema = (await client.get("/v1/guides/schema")).json()
    assert (shown["city"], shown["current_version"]) == ("330800", pack().version)
    assert [one["state"] for one in shown["versions"]] == ["published"]
    assert text["text"] == pack_text()
    assert schema["$schema"].startswith("https://json-schema.org/")


async def test_readers_get_what_the_contract_says(acting: As, owners: Owners) -> None:
    async with operator(acting) as client:
        await staged(client)
        await client.post(PUBLISH)
    path = f"/v1/guides/{GUIDE}/versions/{pack().version}"
    for reader in ("eligibility", "documents"):
        assert owners.questions(reader, path) == [{"city": "330800", "text": pack_text()}]
    (blocks,) = owners.questions("quota", path)
    assert [(one["category"], one["total"], len(one["rows"])) for one in blocks["blocks"]] == [
        ("qz20-major", 14, 3),
        ("qz20-rd", 90, 13),
        ("qz20-patent", 16, 1),
    ]
    assert blocks["blocks"][0]["rows"][2].keys() == {"id", "unit_zh", "unit_en", "limit"}
    for reader in ("eligibility", "quota"):
        assert owners.questions(reader, f"/v1/guides/{GUIDE}/activate") == [{"version": pack().version}]
    # first every reader has the version, then anyone is told to use it
    steps = [at.rsplit("/", 1)[-1] == "activate" for _, at, _ in owners.asked]
    assert steps == sorted(steps)


async def test_staging_twice_and_publishing_twice_change_nothing(acting: As, db: Database) -> None:
    async with operator(acting) as client:
        await staged(client)
        await staged(client)
        first = await client.post(PUBLISH)
        before = await pointer(db)
        again = await client.post(PUBLISH)
        after = await pointer(db)
        restaged = await client.post("/v1/guides", json={"text": pack_text()})
    assert first.json() == again.json()
    assert before is not None
    assert after is not None
    assert before.published_at == after.published_at
    assert restaged.json()["state"] == "published"


@pytest.mark.parametrize("reader", ["eligibility", "documents", "quota"])
async def test_a_reader_away_leaves_everything_as_it_was(
    acting: As, owners: Owners, db: Database, reader: str
) -> None:
    async with operator(acting) as client:
        await staged(client)
        owners.down = {reader}
        answer = await client.post(PUBLISH)
        assert (answer.status_code, answer.json()["service"]) == (503, reader)
        found = await pointer(db)
        assert found is not None
        assert found.current_version is None
        owners.down = set()
        assert (await client.post(PUBLISH)).status_code == 200


async def test_a_crash_before_the_readers_are_told_is_finished_by_the_job(
    acting: As, owners: Owners, db: Database, run_job: RunJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: Any) -> bool:
        raise ZeroDivisionError

    whole = service.activate
    async with operator(acting) as client:
        await staged(client)
        monkeypatch.setattr(service, "activate", crash)
        assert (await client.post(PUBLISH)).status_code == 500
    monkeypatch.setattr(service, "activate", whole)
    found = await pointer(db)
    assert found is not None
    assert (found.current_version, found.activated_version) == (pack().version, None)
    payload = {"guide": GUIDE, "version": pack().version}
    await run_job(db, service.ACTIVATE_JOB, payload)
    await run_job(db, service.ACTIVATE_JOB, payload)
    found = await pointer(db)
    assert found is not None
    assert found.activated_version == pack().version
    assert len(owners.questions("quota", f"/v1/guides/{GUIDE}/activate")) == 1


async def test_quotas_refusal_reaches_the_publisher(acting: As, owners: Owners) -> None:
    async with operator(acting) as client:
        await staged(client)
        owners.refuse = {"quota": 409}
        assert (await client.post(PUBLISH)).status_code == 409


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("id: qz-2020\n", "id: qz-2020\nsurprise: 1\n", "/surprise"),
        ("total: 14", "total: 15", "/quota_blocks"),
        ("  year: 2020", "  year: 2020\n  year: 2021", "/call/year"),
    ],
)
async def test_a_faulty_pack_is_refused_with_the_place(
    acting: As, db: Database, old: str, new: str, place: str
) -> None:
    assert old in pack_text()
    async with operator(acting) as client:
        answer = await client.post("/v1/guides", json={"text": pack_text().replace(old, new, 1)})
    assert (answer.status_code, answer.json()["code"]) == (422, "intake.guide_refused")
    assert any(one["pointer"].startswith(place) for one in answer.json()["errors"]), answer.json()["errors"]
    assert await pointer(db) is None


async def test_only_the_citys_administrators_bring_guides(acting: As, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        officer = await make_actor(session, Role.officer)
        own = await make_actor(session, Role.guide_administrator)
        foreign = await make_actor(session, Role.guide_administrator, city=OTHER_CITY)
    body = {"text": pack_text()}
    async with acting(officer) as client:
        assert (await client.post("/v1/guides", json=body)).status_code == 403
    async with acting(foreign) as client:
        assert (await client.post("/v1/guides", json=body)).status_code == 403
    async with operator(acting, OTHER_CITY) as client:
        assert (await client.post("/v1/guides", json=body)).status_code == 403
    async with acting(own) as client:
        assert (await client.post("/v1/guides", json=body)).status_code == 201
    async with acting(foreign) as client:
        assert (await client.post(PUBLISH)).status_code == 404
