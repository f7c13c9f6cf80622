"""The same key and body get the same answer; the work is done once."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from common import faults, idempotency
from common.app import create_app
from common.clock import clock
from common.db import ALL_CITIES, Database
from common.roles import Role
from common.settings import CommonSettings
from common.testing import actor, http

KEY = {"Idempotency-Key": "2f0c-1"}
OFFICER = actor(Role.officer)


async def test_a_retry_gets_the_first_answer(probe: FastAPI) -> None:
    async with http(probe, OFFICER) as client:
        first = await client.post("/v1/notes", json={"word": "水"}, headers=KEY)
        again = await client.post("/v1/notes", json={"word": "水"}, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"


async def test_another_body_under_the_key_is_refused(probe: FastAPI) -> None:
    async with http(probe, OFFICER) as client:
        await client.post("/v1/notes", json={"word": "水"}, headers=KEY)
        other = await client.post("/v1/notes", json={"word": "火"}, headers=KEY)
        words = (await client.get("/v1/notes")).json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
    assert words == ["水"]


async def test_keys_of_two_people_do_not_meet(probe: FastAPI) -> None:
    async with http(probe, OFFICER) as client:
        await client.post("/v1/notes", json={"word": "水"}, headers=KEY)
    async with http(probe, actor(Role.officer, subject="another")) as client:
        answer = await client.post("/v1/notes", json={"word": "火"}, headers=KEY)
    assert answer.json()["word"] == "火"


async def test_a_refused_request_can_be_repeated(probe: FastAPI) -> None:
    async with http(probe, OFFICER) as client:
        await client.post("/v1/notes", json={"word": "水"})
        refused = await client.post("/v1/notes", json={"word": "水"}, headers=KEY)
        again = await client.post("/v1/notes", json={"word": "水"}, headers=KEY)
    assert (refused.status_code, refused.json()["code"]) == (409, "probe.word_taken")
    assert again.json()["code"] == "probe.word_taken"


async def test_a_key_has_limits(probe: FastAPI) -> None:
    async with http(probe, OFFICER) as client:
        answer = await client.post("/v1/notes", json={"word": "水"}, headers={"Idempotency-Key": "x" * 256})
    assert answer.json()["code"] == "idempotency.key_invalid"


async def test_ten_at_once_do_the_work_once(
    probe_engine: AsyncEngine, metadata: Any, probe_settings: CommonSettings, probe_routers: Any, note: Any
) -> None:
    app = create_app(
        probe_settings,
        title="Probe",
        routers=probe_routers,
        metadata=metadata,
        database=Database(probe_engine, metadata),
    )
    async with http(app, actor(Role.officer, subject="ten")) as client:
        answers = await asyncio.gather(
            *(client.post("/v1/notes", json={"word": "十"}, headers=KEY) for _ in range(10))
        )
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert all(
        answer.json()["code"] == "idempotency.running" for answer in answers if answer.status_code == 409
    )
    async with app.state.database.read(ALL_CITIES) as session:
        assert len((await session.scalars(select(note).where(note.word == "十"))).all()) == 1


async def test_a_crashed_holder_s_lease_lapses(
    probe: FastAPI, probe_database: Database, metadata: Any
) -> None:
    keys = metadata.tables["idempotency_keys"]
    lapsed = timedelta(seconds=3 * probe.state.settings.request_timeout_s)
    async with http(probe, OFFICER) as client:
        await client.post("/v1/notes", json={"word": "水"}, headers=KEY)
        async with probe_database.write(ALL_CITIES) as session:
            await session.execute(update(keys).values(status=None, body=None))
        held = await client.post("/v1/notes", json={"word": "水"}, headers=KEY)
        async with probe_database.write(ALL_CITIES) as session:
            await session.execute(update(keys).values(started_at=clock.system() - lapsed))
        again = await client.post("/v1/notes", json={"word": "水"}, headers=KEY)
    assert held.json()["code"] == "idempotency.running"
    assert again.json()["code"] == "probe.word_taken"


async def test_an_answer_is_kept_with_the_work_itself(
    probe_engine: AsyncEngine,
    metadata: Any,
    probe_settings: CommonSettings,
    probe_routers: Any,
    note: Any,
    tmp_path: Path,
) -> None:
    """A process that dies between its commit and its answer has left the answer behind."""
    faults.follow(tmp_path)
    (tmp_path / idempotency.WORKED).touch()
    database = Database(probe_engine, metadata)
    app = create_app(
        probe_settings, title="Probe", routers=probe_routers, metadata=metadata, database=database
    )
    try:
        async with http(app, actor(Role.officer, subject="dying")) as client:
            dying = asyncio.create_task(client.post("/v1/notes", json={"word": "灰"}, headers=KEY))
            held = tmp_path / f"{idempotency.WORKED}@{os.getpid()}"
            async with asyncio.timeout(10):
                while not held.exists():  # noqa: ASYNC110  # a file cannot be awaited
                    await asyncio.sleep(faults.LOOK_S)
            again = await client.post("/v1/notes", json={"word": "灰"}, headers=KEY)
            held.unlink()
            first = await dying
    finally:
        faults.follow(None)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    async with database.read(ALL_CITIES) as session:
        assert len((await session.scalars(select(note).where(note.word == "灰"))).all()) == 1
