"""A caller who goes while an impact runs: on real connections, because the break may come inside a query."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.eligibility.impact.drafts import loaded, text_of

from common.client import HttpClient
from common.clock import parse_instant
from common.db import ALL_CITIES, Database
from common.roles import Role
from common.testing import actor, http, settings_for, tokens_of
from eligibility.app import create_app
from eligibility.base import Base
from eligibility.guides import queries
from eligibility.guides.models import Guide
from eligibility.settings import Settings

CITY, GUIDE = "331291", "qz-2020-left"
"""A city of this file alone: what it commits stays."""

Json = dict[str, Any]
Question = Callable[..., Json]
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def own_text() -> str:
    named = text_of("qz-2020").replace("id: qz-2020\n", f"id: {GUIDE}\n", 1)
    return named.replace('city: "330800"', f'city: "{CITY}"', 1)


@pytest.fixture
async def app(
    engine: Callable[[str], AsyncEngine], client: HttpClient, own_text: str
) -> AsyncIterator[FastAPI]:
    database, pack = Database(engine("eligibility"), Base.metadata), loaded(own_text)
    named = {"city": CITY, "guide": GUIDE, "version": pack.version}
    at = parse_instant("2020-05-01T00:00:00+08:00")
    async with database.write(ALL_CITIES) as session:
        await queries.keep(session, **named, text=own_text, at=at)
        await queries.point(session, **named, at=at)
    settings = settings_for(Settings, impact_processes=1)
    yield create_app(settings, client=client, database=database)
    async with database.write(ALL_CITIES) as session:  # no longer in force for whoever asks for all
        await session.execute(delete(Guide).where(Guide.guide == GUIDE))


@pytest.fixture
async def taken(app: FastAPI, question: Question, own_text: str) -> None:
    about = {"city": CITY, "guide": GUIDE, "pack_version": loaded(own_text).version}
    async with http(app, caller="intake", cities=(CITY,)) as intake:
        for _ in range(8):
            body = question({"budget.rd_total": 3_500_000}, category="qz20-major", **about)
            assert (await intake.post("/v1/assessments", json=body)).status_code == 201


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
async def test_nothing_more_is_begun(
    app: FastAPI, own_text: str, spec_version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first progress line, whichever way the server tells that nobody listens."""
    monkeypatch.setattr("eligibility.impact.service.PAGE", 1)
    body = orjson.dumps({"text": own_text})
    sent: list[Json] = []
    gone = asyncio.Event()

    async def send(message: Any) -> None:
        if gone.is_set():
            if spec_version == "2.4":
                raise OSError
            return
        sent.extend(orjson.loads(line) for line in message.get("body", b"").splitlines())
        if sent and sent[-1]["type"] == "progress":
            gone.set()

    request = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if request:
            return request.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    try:
        await app(_scope(spec_version), receive, send)
    except Exception as error:
        assert spec_version == "2.4", error  # noqa: PT017  # the server notes it; what matters is below
    assert [line["type"] for line in sent] == ["start", "progress"]
    assert app.state.queues.streams.serving == 0
    # its place is free again, and the next one gets everything
    async with http(app, actor(Role.officer, city=CITY)) as client:
        answer = await client.post("/v1/impact", content=body)
    lines = [orjson.loads(line) for line in answer.content.splitlines()]
    assert lines[-1]["type"] == "summary", lines
    assert lines[-1]["replayed"] >= 8


def _scope(spec_version: str) -> Json:
    token = tokens_of("gateway").mint("eligibility", actor(Role.officer, city=CITY), ())
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": spec_version},
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/impact",
        "raw_path": b"/v1/impact",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("eligibility.test", 80),
        "state": {},
    }
