"""Rows stay inside their city, blocks stay short, constraints become domain errors."""

from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from common import audit
from common.client import HttpClient
from common.db import ALL_CITIES, BlockOpen, Database, OutsideScope, cities
from common.ids import new_id
from common.roles import Role
from common.settings import CommonSettings
from common.testing import actor

QUZHOU, LANZHOU = "330800", "620100"


async def _fill(database: Database, note: Any) -> None:
    async with database.write(ALL_CITIES) as session:
        session.add_all(
            [note(id=new_id(), city=QUZHOU, word="衢"), note(id=new_id(), city=LANZHOU, word="兰")]
        )


async def test_rows_of_another_city_do_not_exist(probe_database: Database, note: Any) -> None:
    await _fill(probe_database, note)
    async with probe_database.read(cities(QUZHOU)) as session:
        assert (await session.scalars(select(note.word))).all() == ["衢"]
    async with probe_database.read(actor(Role.officer, city=LANZHOU)) as session:
        assert (await session.scalars(select(note.word))).all() == ["兰"]
    async with probe_database.read(cities()) as session:
        assert (await session.scalars(select(note.word))).all() == []


async def test_rows_of_another_city_cannot_be_changed(probe_database: Database, note: Any) -> None:
    await _fill(probe_database, note)
    async with probe_database.write(cities(QUZHOU)) as session:
        await session.execute(update(note).values(word="改"))
        await session.execute(delete(note).where(note.word == "兰"))
    async with probe_database.read(ALL_CITIES) as session:
        assert set((await session.scalars(select(note.word))).all()) == {"改", "兰"}


async def test_a_row_for_another_city_cannot_be_added(probe_database: Database, note: Any) -> None:
    with pytest.raises(OutsideScope):
        async with probe_database.write(cities(QUZHOU)) as session:
            session.add(note(id=new_id(), city=LANZHOU, word="兰"))


async def test_a_block_inside_a_block_raises(probe_database: Database) -> None:
    async with probe_database.read(ALL_CITIES):
        with pytest.raises(BlockOpen):
            async with probe_database.write(ALL_CITIES):
                pass


async def test_a_call_inside_a_block_raises(probe_database: Database, probe_settings: CommonSettings) -> None:
    client = HttpClient(probe_settings)
    async with probe_database.read(ALL_CITIES):
        with pytest.raises(BlockOpen):
            await client.call("quota", "GET", "/v1/pools")
    await client.close()


async def test_a_violated_constraint_is_a_domain_error(
    probe_database: Database, note: Any, word_taken: type[Exception]
) -> None:
    await _fill(probe_database, note)
    with pytest.raises(word_taken):
        async with probe_database.write(cities(QUZHOU)) as session:
            session.add(note(id=new_id(), city=QUZHOU, word="衢"))


async def test_a_failed_block_leaves_nothing(probe_database: Database, note: Any) -> None:
    async def fail() -> None:
        async with probe_database.write(cities(QUZHOU)) as session:
            session.add(note(id=new_id(), city=QUZHOU, word="衢"))
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with probe_database.read(ALL_CITIES) as session:
        assert (await session.scalars(select(note.word))).all() == []


async def test_a_read_block_cannot_write(probe_engine: AsyncEngine, metadata: Any, note: Any) -> None:
    database = Database(probe_engine, metadata)
    with pytest.raises(Exception, match="read-only transaction"):
        async with database.read(cities(QUZHOU)) as session:
            session.add(note(id=new_id(), city=QUZHOU, word="衢"))
    async with database.read(ALL_CITIES) as session:
        assert (await session.scalars(select(note.word))).all() == []


async def test_the_trail_is_written_with_the_change_and_read_by_city(probe_database: Database) -> None:
    application = new_id()
    officer = actor(Role.officer)
    async with probe_database.write(officer) as session:
        await audit.record(
            session,
            officer,
            action="note.added",
            object_type="note",
            object_id=application,
            city=QUZHOU,
            application_id=application,
            data={"count": 1},
        )
    async with probe_database.read(officer) as session:
        (entry,) = await audit.trail(session, officer, application, 10)
        stranger = actor(Role.officer, city=LANZHOU)
        assert await audit.trail(session, stranger, application, 10) == []
    assert (entry.action, entry.actor, entry.caller, entry.data) == (
        "note.added",
        "test-person",
        "gateway",
        {"count": 1},
    )
