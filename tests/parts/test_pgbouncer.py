"""Through PgBouncer in transaction mode: many clients on few connections, and none inherits from another."""

import asyncio
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.needs import needs
from tests.quota.conftest import House

from cli.errors import Refusal
from cli.pgbouncer import PgBouncer, running_pgbouncer
from common.db import Database, cities, new_engine
from common.settings import CommonSettings
from common.testing import settings_for
from quota.app import create_app
from quota.base import Base
from quota.holds.service import PlaceExhausted
from quota.settings import Settings

pytestmark = needs("pgbouncer")
ROOT = Path(__file__).parents[2]
SERVERS = 2
CLIENTS = 12
CRITICAL = (
    "tests/common/test_idempotency.py",
    "tests/quota/test_races.py",
    "tests/intake/applications/test_submission_races.py",
    "tests/intake/recommendations/test_settling.py",
    "tests/intake/feed/test_state.py",
)
# what lives in a session would pass to whoever gets the connection next
SESSION_STATE = re.compile(
    r"^\s*SET\s+(?!LOCAL\b|TRANSACTION\b)|\bpg_(try_)?advisory_lock\b|^\s*LISTEN\b|\bWITH\s+HOLD\b"
    r"|\bTEMP(ORARY)?\s+TABLE\b|^\s*PREPARE\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def small(admin_dsn: str, db_url: Callable[[str], str]) -> Iterator[PgBouncer]:
    """A PgBouncer with two connections to Postgres for all of quota's clients."""
    password = unquote(urlsplit(db_url("quota")).password or "")
    with running_pgbouncer(
        admin_dsn, {"quota": password}, default_pool_size=SERVERS, reserve_pool_size=0
    ) as running:
        yield running


@pytest.fixture
async def pooled(small: PgBouncer, db_url: Callable[[str], str]) -> AsyncIterator[AsyncEngine]:
    settings = settings_for(Settings, **small.settings(db_url("quota")), db_pool_size=CLIENTS)
    engine = new_engine(settings)
    yield engine
    await engine.dispose()


@pytest.fixture
async def house(pooled: AsyncEngine) -> AsyncIterator[House]:
    db = Database(pooled, Base.metadata)
    running = House(db, create_app(settings_for(Settings), database=db))
    yield running
    await running.leave_nothing_open()


async def backend(engine: AsyncEngine) -> int:
    """Process id of the server that answered one transaction."""
    async with engine.begin() as connection:
        found: int = await connection.scalar(text("SELECT pg_backend_pid()"))
    return found


async def test_many_clients_share_few_connections(pooled: AsyncEngine) -> None:
    pids = await asyncio.gather(*(backend(pooled) for _ in range(CLIENTS * 4)))
    assert 1 <= len(set(pids)) <= SERVERS


async def test_the_roles_time_outs_hold_where_a_services_own_do_not_arrive(
    pooled: AsyncEngine, db_url: Callable[[str], str]
) -> None:
    wanted = {
        "statement_timeout": CommonSettings.model_fields["statement_timeout_ms"].default,
        "lock_timeout": CommonSettings.model_fields["lock_timeout_ms"].default,
    }
    names = "SELECT name, setting::int FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout')"
    async with pooled.connect() as connection:
        assert dict((await connection.execute(text(names))).all()) == wanted
    # straight to Postgres a service's own wish comes first
    own = new_engine(settings_for(Settings, database_url=db_url("quota"), statement_timeout_ms=1234))
    async with own.connect() as connection:
        found = dict((await connection.execute(text(names))).all())
    await own.dispose()
    assert found == wanted | {"statement_timeout": 1234}


async def test_what_one_client_rolls_back_the_next_never_sees(house: House, pooled: AsyncEngine) -> None:
    await house.allot({"major/qujiang": 3})
    pool = await house.pool("major/qujiang")

    async def take_and_fail(how: str) -> None:
        async with house.db.write(cities(house.city)) as session:
            connection = await session.connection()
            await connection.exec_driver_sql("UPDATE pools SET used = used + 1 WHERE id = $1", (pool.id,))
            if how == "error in SQL":
                await connection.exec_driver_sql("SELECT 1 / 0")
            if how == "client gone":
                await connection.invalidate()
            raise RuntimeError(how)

    async def look() -> int:
        return (await house.pool("major/qujiang")).used

    ways = ("error in Python", "error in SQL", "client gone") * CLIENTS
    mixed = [work for way in ways for work in (take_and_fail(way), look())]
    outcomes = await asyncio.gather(*mixed, return_exceptions=True)
    assert [type(one) for one in outcomes[1::2]] == [int] * len(ways), outcomes[1::2]
    assert set(outcomes[1::2]) == {0}
    assert all(isinstance(one, RuntimeError | DBAPIError) for one in outcomes[0::2])


async def test_a_read_only_block_does_not_make_the_next_one_read_only(house: House) -> None:
    await house.allot({"major/city": CLIENTS * 2})
    works: list[Any] = []
    for _ in range(CLIENTS * 2):
        works += [house.pool("major/city"), house.take("major/city")]
    await asyncio.gather(*works)
    assert (await house.pool("major/city")).used == CLIENTS * 2
    assert await house.explained()


async def test_places_are_not_oversold_and_no_session_state_is_used(
    house: House, pooled: AsyncEngine
) -> None:
    said: list[str] = []

    def keep(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    event.listen(pooled.sync_engine, "before_cursor_execute", keep)
    await house.allot({"major/qujiang": 7})

    async def outcome() -> str:
        try:
            return str((await house.take("major/qujiang")).state)
        except PlaceExhausted as refusal:
            return refusal.code

    found = Counter(await asyncio.gather(*(outcome() for _ in range(64))))
    assert found == {"held": 7, "quota.place_exhausted": 57}
    assert await house.explained()
    assert len(said) > 64
    assert [statement for statement in said if SESSION_STATE.search(statement)] == []


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ("SET statement_timeout = 5", True),
        ("set session lock_timeout to '1s'", True),
        ("SELECT pg_advisory_lock(1)", True),
        ("SELECT pg_try_advisory_lock(1)", True),
        ("LISTEN ch_intake_jobs", True),
        ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", True),
        ("CREATE TEMPORARY TABLE t (id int)", True),
        ("SET LOCAL lock_timeout = '1s'", False),
        ("SELECT pg_advisory_xact_lock(1)", False),
        ("UPDATE pools SET used = used + 1", False),
        ("UPDATE attempts SET state = 'admitted' WHERE id = $1", False),
    ],
)
def test_what_counts_as_session_state(statement: str, kept: bool) -> None:
    assert (SESSION_STATE.search(statement) is not None) is kept


async def test_a_server_connection_that_died_is_replaced(pooled: AsyncEngine, admin_dsn: str) -> None:
    before = {await backend(pooled) for _ in range(CLIENTS)}
    admin = await asyncpg.connect(admin_dsn)
    try:
        for pid in before:
            assert await admin.fetchval("SELECT pg_terminate_backend($1, 10000)", pid)
    finally:
        await admin.close()
    after = set(await asyncio.gather(*(backend(pooled) for _ in range(CLIENTS))))
    assert after
    assert not after & before


async def test_a_client_without_the_password_stays_outside(small: PgBouncer, db_url: Any) -> None:
    wrong = small.through(db_url("quota")).replace("test-only", "a-guess")
    with pytest.raises(asyncpg.PostgresError, match="SASL authentication failed"):
        await asyncpg.connect(wrong)
    with pytest.raises(asyncpg.PostgresError, match=r"no such user|authentication failed"):
        await asyncpg.connect(small.through(db_url("intake")))


@pytest.mark.timeout(600)
def test_the_critical_paths_hold() -> None:
    """Submissions, recommendations, holds, idempotency and the feed, raced as in their own tests.

    On a Postgres of their own: other tests count rows.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *CRITICAL]
    env = {name: value for name, value in os.environ.items() if name != "SHENBAO_TEST_ADMIN_DSN"}
    env["SHENBAO_PGBOUNCER"] = "1"
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def test_a_pgbouncer_that_cannot_start_says_why(admin_dsn: str) -> None:
    running = running_pgbouncer(admin_dsn, {}, no_such_word=1)
    with pytest.raises(Refusal, match="ended while starting"):
        running.__enter__()
