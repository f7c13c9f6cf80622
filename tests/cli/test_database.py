"""Roles reach their own two schemas and nothing else; deploy/sql/roles.sql is what operators run too."""

import os
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
import pytest
from tests.needs import needs

from cli import parts
from cli.database import drop_database, setup_database, statements, with_database, with_role
from common.settings import CommonSettings

ROOT = Path(__file__).parents[2]
DATABASE = "shenbao_roles"
NAMES = {"roles_intake": "it's \\ secret", "roles_quota": "pw"}


@asynccontextmanager
async def connected(dsn: str) -> "AsyncIterator[asyncpg.Connection[Any]]":
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def dsns(own_dsn: str) -> dict[str, str]:
    drop_database(own_dsn, DATABASE)
    setup_database(own_dsn, NAMES, database=DATABASE)
    return setup_database(own_dsn, NAMES, database=DATABASE)  # a second run changes nothing


async def test_a_role_has_its_two_schemas(dsns: dict[str, str]) -> None:
    async with connected(dsns["roles_intake"]) as mine:
        await mine.execute("CREATE TABLE applications (id int)")
        await mine.execute("CREATE TABLE roles_intake_jobs.queue (id int)")
        owned = "SELECT schemaname, tablename FROM pg_tables WHERE tableowner = current_user"
        where = await mine.fetch(owned)
        assert sorted(map(tuple, where)) == [
            ("roles_intake", "applications"),
            ("roles_intake_jobs", "queue"),
        ]
        await mine.execute("DROP TABLE applications; DROP TABLE roles_intake_jobs.queue")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM roles_intake.secrets",
        "INSERT INTO roles_intake.secrets VALUES (1)",
        "CREATE TABLE roles_intake.mine (id int)",
        "CREATE TABLE roles_intake_jobs.mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "SET ROLE roles_intake",
    ],
)
async def test_a_role_cannot_reach_another_services_data(dsns: dict[str, str], statement: str) -> None:
    async with connected(dsns["roles_intake"]) as theirs:
        await theirs.execute("CREATE TABLE IF NOT EXISTS secrets (id int)")
    async with connected(dsns["roles_quota"]) as mine:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await mine.execute(statement)


async def test_a_role_has_time_outs_that_an_operator_may_change(own_dsn: str, dsns: dict[str, str]) -> None:
    """They hold for whoever comes through PgBouncer; running the file again leaves them alone."""
    names = ("statement_timeout", "lock_timeout")
    defaults = [CommonSettings.model_fields[f"{name}_ms"].default for name in names]

    async def found() -> list[int]:
        async with connected(dsns["roles_quota"]) as mine:
            return [
                await mine.fetchval("SELECT setting::int FROM pg_settings WHERE name = $1", name)
                for name in names
            ]

    assert await found() == defaults
    async with connected(own_dsn) as admin:
        await admin.execute("ALTER ROLE roles_quota SET statement_timeout = '1234ms'")
    setup_database(own_dsn, NAMES, database=DATABASE)
    assert await found() == [1234, defaults[1]]
    async with connected(own_dsn) as admin:
        await admin.execute("ALTER ROLE roles_quota RESET statement_timeout")
    setup_database(own_dsn, NAMES, database=DATABASE)
    assert await found() == defaults


async def test_copies_made_by_template_keep_the_search_path(own_dsn: str, dsns: dict[str, str]) -> None:
    copy = f"{DATABASE}_copy"
    drop_database_quietly = f'DROP DATABASE IF EXISTS "{copy}"'
    async with connected(own_dsn) as admin:
        await admin.execute(drop_database_quietly)
        await admin.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{DATABASE}"')
        async with connected(with_database(dsns["roles_quota"], copy)) as mine:
            assert await mine.fetchval("SELECT current_schema") == "roles_quota"
        await admin.execute(drop_database_quietly)


@needs("psql")
async def test_operators_run_the_same_file_with_psql(own_dsn: str) -> None:
    psql = parts.path("psql")
    database, password = f"{DATABASE}_psql", "o'brien \\ pw"
    setup_database(own_dsn, {}, database=database)
    command = [psql, with_database(own_dsn, database), "-q", "-v", "ON_ERROR_STOP=1"]
    command += ["-v", "service=roles_psql", "-v", f"password={password}", "-f", "deploy/sql/roles.sql"]
    for _ in range(2):
        done = subprocess.run(
            command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    async with connected(with_role(with_database(own_dsn, database), "roles_psql", password)) as mine:
        assert await mine.fetchval("SELECT current_schema") == "roles_psql"


def test_a_script_is_read_as_psql_reads_it() -> None:
    script = "-- a ; comment\nSELECT :'name'\nWHERE true \\gexec\n\nCREATE TABLE x (id int);\n"
    assert statements(script, {"name": "o'b"}) == [
        ("SELECT 'o''b'\nWHERE true", True),
        ("CREATE TABLE x (id int)", False),
    ]


@pytest.mark.parametrize("password", ["plain", "a/b@c:d?e#f", "中文"])
def test_passwords_survive_the_url(password: str) -> None:
    dsn = with_role("postgresql://postgres:admin@127.0.0.1:5432/shenbao", "quota", password)
    parts = urlsplit(dsn)
    assert (parts.username, unquote(parts.password or "")) == ("quota", password)
    assert (parts.hostname, parts.port, parts.path) == ("127.0.0.1", 5432, "/shenbao")


async def test_quota_cannot_read_intakes_tables(db_url: Callable[[str], str]) -> None:
    async with connected(db_url("intake")) as intake:
        tables = await intake.fetch(
            "SELECT schemaname, tablename FROM pg_tables WHERE tableowner = current_user"
        )
    assert {row["schemaname"] for row in tables} == {"intake", "intake_jobs"}
    async with connected(db_url("quota")) as quota:
        assert await quota.fetchval("SELECT count(*) FROM pools") is not None
        for row in tables:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for schema"):
                await quota.fetch(f'SELECT * FROM {row["schemaname"]}."{row["tablename"]}"')  # noqa: S608
