"""Fixtures for all tests: one Postgres for the run, one migrated database, roles as in production.

`database(Base.metadata, "quota")` gives a database whose changes are undone after the test. Tests about
locks, races or jobs take `engine("quota")` and commit for real, on rows of their own.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.needs import pytest_configure, pytest_runtest_setup, pytest_terminal_summary

from cli.cluster import running_cluster
from cli.database import setup_database
from cli.pgbouncer import PgBouncer, running_pgbouncer
from common import migrations
from common.clock import clock
from common.db import Database, new_engine
from common.settings import CommonSettings
from common.testing import rolled_back, settings_for

# pytest looks for hooks here
__all__ = ["pytest_configure", "pytest_runtest_setup", "pytest_terminal_summary"]

DATABASE_SERVICES = ("intake", "eligibility", "quota", "documents")
PASSWORDS = dict.fromkeys(DATABASE_SERVICES, "test-only")
_PROBE = {"gateway": "test-only"}  # stores something in tests/common only


@contextmanager
def _admin_dsn() -> Iterator[str]:
    given = os.environ.get("SHENBAO_TEST_ADMIN_DSN")
    if given:
        yield given
        return
    with running_cluster() as cluster:
        yield cluster.dsn_admin


@pytest.fixture(scope="session")
def admin_dsn() -> Iterator[str]:
    """DSN of an administrator of the run's Postgres."""
    with _admin_dsn() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def db_url(admin_dsn: str) -> Callable[[str], str]:
    """`db_url("quota")`: the DSN of quota's role, its schema migrated on first use."""
    found = setup_database(admin_dsn, PASSWORDS, database="shenbao_test")

    @cache
    def migrated(service: str) -> str:
        # in a thread of its own: alembic runs an event loop, and the caller's may be running
        with ThreadPoolExecutor(1) as pool:
            pool.submit(migrations.upgrade, service, found[service]).result()
        return found[service]

    return migrated


@pytest.fixture(scope="session")
def pgbouncer(admin_dsn: str) -> Iterator[PgBouncer | None]:
    """The PgBouncer that all services of the run go through where SHENBAO_PGBOUNCER=1 asks for it."""
    if os.environ.get("SHENBAO_PGBOUNCER") != "1":
        yield None
        return
    with running_pgbouncer(admin_dsn, PASSWORDS | _PROBE) as running:
        yield running


@pytest.fixture(scope="session")
def db_settings(db_url: Callable[[str], str], pgbouncer: PgBouncer | None) -> Callable[[str], dict[str, Any]]:
    """`settings_for(Settings, **db_settings("quota"))`: how quota reaches the run's Postgres."""

    def found(service: str) -> dict[str, Any]:
        dsn = db_url(service)
        return {"database_url": dsn} if pgbouncer is None else {**pgbouncer.settings(dsn)}

    return found


@pytest.fixture(scope="session")
async def engine(db_settings: Callable[[str], dict[str, Any]]) -> AsyncIterator[Callable[[str], AsyncEngine]]:
    """`engine("quota")`: the run's engine with quota's role; what it commits stays until the run ends."""
    made: dict[str, AsyncEngine] = {}

    def get(service: str) -> AsyncEngine:
        if service not in made:
            kind = type("TestSettings", (CommonSettings,), {"service": service})
            made[service] = new_engine(settings_for(kind, **db_settings(service)))
        return made[service]

    yield get
    for one in made.values():
        await one.dispose()


@pytest.fixture
async def database(
    engine: Callable[[str], AsyncEngine],
) -> AsyncIterator[Callable[[MetaData, str], Awaitable[Database]]]:
    """`await database(Base.metadata, "quota")`: a database for one test, rolled back at its end."""
    async with AsyncExitStack() as stack:

        async def opened(metadata: MetaData, service: str) -> Database:
            return await stack.enter_async_context(rolled_back(engine(service), metadata))

        yield opened


@pytest.fixture
def business_clock() -> Iterator[SimpleNamespace]:
    """`business_clock.at("2020-06-28T17:00:00+08:00")` holds the business clock from then on in this test."""
    with ExitStack() as held:
        yield SimpleNamespace(at=lambda instant: held.enter_context(clock.frozen(instant)))
