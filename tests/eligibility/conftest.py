"""The eligibility app with the real Quzhou pack published, and the callers that its routes know."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from common.client import HttpClient
from common.clock import parse_instant
from common.db import ALL_CITIES, Database
from common.ids import new_id
from common.testing import http, settings_for
from eligibility.app import create_app
from eligibility.base import Base
from eligibility.guides import queries
from eligibility.guides.packs import Packs
from eligibility.settings import Settings
from guide import Pack, load_pack

PACK_FILE = Path(__file__).parents[2] / "deploy" / "guides" / "qz-2020.yaml"
CITY = "330800"
AS_OF = "2020-06-15T10:00:00+08:00"

loaded = lru_cache(load_pack)
"""Compiling a pack takes most of a second; tests about loading do it themselves."""

Publish = Callable[[str], Awaitable[Pack]]
Http = httpx.AsyncClient
Json = dict[str, Any]


@pytest.fixture(scope="session")
def pack_text() -> str:
    """The pack as it is published."""
    return PACK_FILE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def pack(pack_text: str) -> Pack:
    return loaded(pack_text)


@pytest.fixture(scope="session")
def next_text(pack_text: str) -> str:
    """A later version in which the R&D budget threshold is another one."""
    changed = pack_text.replace("budget.rd_total >= 3000000", "budget.rd_total >= 4000000")
    assert changed != pack_text
    return changed


@pytest.fixture(scope="session")
def twin_text(pack_text: str) -> str:
    """The same guide for another city, under an id of its own."""
    changed = pack_text.replace("id: qz-2020\n", "id: qz-2020-twin\n", 1)
    changed = changed.replace('city: "330800"', 'city: "430400"', 1)
    assert loaded(changed).city == "430400"
    return changed


@pytest.fixture(scope="session")
async def compiled() -> Packs:
    """Compiled packs that all tests share: they are found by their content's hash."""
    return Packs(8)


@pytest.fixture
async def db(database: Callable[..., Awaitable[Database]]) -> Database:
    return await database(Base.metadata, "eligibility")


@pytest.fixture
async def publish(db: Database) -> Publish:
    """Put a pack where staging and activating would put it."""

    async def published(text: str) -> Pack:
        pack = loaded(text)
        named = {"city": pack.city, "guide": pack.id, "version": pack.version}
        at = parse_instant("2020-05-01T00:00:00+08:00")
        async with db.write(ALL_CITIES) as session:
            await queries.keep(session, **named, text=text, at=at)
            assert await queries.point(session, **named, at=at)
        return pack

    return published


@pytest.fixture(scope="session")
async def client() -> AsyncIterator[HttpClient]:
    """One for all apps: the service calls nobody, and making one reads the machine's certificates."""
    made = HttpClient(settings_for(Settings))
    yield made
    await made.close()


@pytest.fixture
async def bare_app(db: Database, compiled: Packs, client: HttpClient) -> FastAPI:
    """The service before any guide was published."""
    app = create_app(settings_for(Settings), client=client, database=db)
    app.state.packs = compiled
    return app


@pytest.fixture
async def app(bare_app: FastAPI, publish: Publish, pack_text: str) -> FastAPI:
    """The service with qz-2020 published."""
    await publish(pack_text)
    return bare_app


@pytest.fixture
async def intake(app: FastAPI) -> AsyncIterator[Http]:
    async with http(app, caller="intake", cities=(CITY,)) as client:
        yield client


@pytest.fixture
async def operator(app: FastAPI) -> AsyncIterator[Http]:
    async with http(app, caller="operator", cities=(CITY,)) as client:
        yield client


@pytest.fixture
def question(pack: Pack) -> Callable[..., Json]:
    """An assessment's body; facts as `{name: value}`."""

    def made(facts: Json | None = None, **changes: Any) -> Json:
        return {
            "id": str(new_id()),
            "application_id": str(new_id()),
            "city": CITY,
            "guide": "qz-2020",
            "pack_version": pack.version,
            "category": "qz20-rd",
            "stage": "submission",
            "as_of": AS_OF,
            "facts": [
                {"name": name, "value": value, "source": "application", "at": AS_OF, "revision": 3}
                for name, value in (facts or {}).items()
            ],
            "unavailable": [],
            "subjects": {
                "unit": {
                    "id": str(UUID(int=7)),
                    "uscc": "91330800TEST000017",
                    "names": ["衢州试例材料有限公司"],
                },
                "people": [{"id": "p-lead", "role": "leader"}, {"id": "p-main", "role": "main"}],
                "patent_number": None,
                "project_identity": None,
            },
            **changes,
        }

    return made


@pytest.fixture
def finding() -> Callable[[Json, str], Json]:
    """`finding(answer, "QZ-4-1")`."""

    def of(answer: Json, rule: str) -> Json:
        (one,) = [found for found in answer["findings"] if found["rule"] == rule]
        return dict(one)

    return of
