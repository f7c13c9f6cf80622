"""A pooled connection is looked at before it is used: what has ended is replaced, what was quiet is asked."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from common import pool
from common.db import new_engine
from common.settings import CommonSettings


@pytest.fixture
async def single(probe_settings: CommonSettings) -> AsyncIterator[AsyncEngine]:
    """An engine with one connection, straight to Postgres: a pooler gives another process at every turn."""
    direct = probe_settings.database_url_direct or probe_settings.database_url
    engine = new_engine(probe_settings.model_copy(update={"database_url": direct}), pool_size=1)
    yield engine
    await engine.dispose()


async def process_of(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one())


async def end(admin_dsn: str, engine: AsyncEngine, process: int) -> None:
    """End a connection from the other side, and wait until our driver has read that."""
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        gone = asyncio.Event()
        raw.add_termination_listener(lambda _: gone.set())
    admin = await asyncpg.connect(admin_dsn)
    try:
        assert await admin.fetchval("SELECT pg_terminate_backend($1)", process)
    finally:
        await admin.close()
    async with asyncio.timeout(20):
        await gone.wait()


@pytest.fixture
def pings(single: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every question whether a connection is alive."""
    asked: list[object] = []
    ask = single.sync_engine.dialect.do_ping

    def noted(connection: object) -> bool:
        asked.append(connection)
        return ask(connection)  # type: ignore[arg-type]  # the dialect's own connection

    monkeypatch.setattr(single.sync_engine.dialect, "do_ping", noted)
    return asked


async def test_a_connection_that_the_server_ended_is_replaced(
    single: AsyncEngine, admin_dsn: str, pings: list[object]
) -> None:
    before = await process_of(single)
    await end(admin_dsn, single, before)
    assert await process_of(single) != before
    assert pings == []


async def test_one_that_was_used_just_now_is_used_again_without_a_question(
    single: AsyncEngine, pings: list[object]
) -> None:
    assert await process_of(single) == await process_of(single)
    assert pings == []


async def test_one_that_was_quiet_is_asked(
    single: AsyncEngine, pings: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "QUIET_S", -1.0)
    assert await process_of(single) == await process_of(single)
    assert len(pings) == 1  # the first use is of a fresh one


async def test_one_that_does_not_answer_is_replaced(
    single: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await process_of(single)
    monkeypatch.setattr(pool, "QUIET_S", -1.0)
    dialect = single.sync_engine.dialect
    monkeypatch.setattr(dialect, "do_ping", _fails(dialect.loaded_dbapi.InterfaceError))
    assert await process_of(single) != before


def _fails(error: type[Exception]) -> object:
    def ask(_connection: object) -> bool:
        raise error("no answer")

    return ask
