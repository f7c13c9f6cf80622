"""The intake app for tests, with stand-ins for the services it asks."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.intake.factories import OPEN, Cast, make_cast
from tests.intake.house import House, Open
from tests.intake.owners import Owners

from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.jobs import JobContext
from common.sealed import new_key
from common.testing import http, settings_for
from intake.app import create_app
from intake.base import Base
from intake.jobs import jobs
from intake.settings import Settings

PERSONAL_KEY = new_key()
As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture(autouse=True)
def in_the_window(business_clock: Any) -> None:
    """The business clock stands inside the call's window unless a test moves it."""
    business_clock.at(OPEN)


@pytest.fixture
def owners() -> Owners:
    """Eligibility, documents and quota, all well."""
    return Owners()


@pytest.fixture
async def db(database: Callable[[MetaData, str], Awaitable[Database]]) -> Database:
    """Intake's database, undone after the test."""
    return await database(Base.metadata, "intake")


@pytest.fixture
async def live(
    engine: Callable[[str], AsyncEngine], request: pytest.FixtureRequest
) -> AsyncIterator[Database]:
    """Intake's database with real commits, emptied after the test."""
    live = Database(engine("intake"), Base.metadata)
    yield live
    async with live.write(ALL_CITIES) as session:
        for table in reversed(Base.metadata.sorted_tables):
            await session.execute(table.delete())
        await session.execute(text("DELETE FROM intake_jobs.pgqueuer"))


def make_app(database: Database, owners: Owners, **settings: Any) -> FastAPI:
    values = {"personal_keys": [PERSONAL_KEY], **settings}
    return create_app(settings_for(Settings, **values), client=owners.client, database=database)


@pytest.fixture
def app(db: Database, owners: Owners) -> FastAPI:
    return make_app(db, owners)


@pytest.fixture
def acting(app: FastAPI) -> As:
    """`async with acting(actor) as http:` a client whose gateway signs for this person."""

    def opened(actor: Actor | None = None, **named: Any) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return http(app, actor, **named)

    return opened


@pytest.fixture
async def cast(db: Database) -> Cast:
    """A sound draft in Quzhou and everybody who has to do with it."""
    async with db.write(ALL_CITIES) as session:
        return await make_cast(session)


@pytest.fixture
async def house(database: Open, tmp_path: Path) -> House:
    """Intake with the real services that it asks."""
    return await House.opened(database, tmp_path)


@pytest.fixture
def run_job(owners: Owners) -> Callable[..., Awaitable[None]]:
    """`await run_job(db, "intake.finish_attempt", {...})`: the handler, as a worker would call it."""

    async def run(database: Database, name: str, payload: dict[str, Any]) -> None:
        context = JobContext(database, owners.client, settings_for(Settings), 1)
        await jobs.handlers[name](context, payload)

    return run
