"""Roles, schemas and databases on a cluster, as an administrator."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from cli import project
from cli.errors import Refusal

_STATEMENT = re.compile(r"(.*?)(\\gexec|;)\s*\n", re.DOTALL)
_CONNECT_S = 10
_T = TypeVar("_T")


def setup_database(
    admin_dsn: str, passwords: Mapping[str, str], *, database: str | None = None
) -> dict[str, str]:
    """One role and two schemas per service, by deploy/sql/roles.sql; can be repeated.

    Args:
        admin_dsn: postgresql:// URL of an administrator.
        passwords: role name (= service name) -> password.
        database: made when missing; None: the one named in `admin_dsn`.

    Returns:
        Service -> postgresql:// URL of its own role.

    Raises:
        Refusal: the server does not answer, or refuses.
    """
    if database is not None:
        apart(_create_database(admin_dsn, database), admin_dsn)
        admin_dsn = with_database(admin_dsn, database)
    apart(_create_roles(admin_dsn, passwords), admin_dsn)
    return {service: with_role(admin_dsn, service, password) for service, password in passwords.items()}


def drop_database(admin_dsn: str, database: str) -> None:
    """Remove a database with everything in it, whoever is still connected."""
    apart(_drop_database(admin_dsn, database), admin_dsn)


def migrate(services: Iterable[str], env: Mapping[str, str]) -> None:
    """Bring these services' schemas up to date.

    Args:
        env: the environment that the services will get, with `<SERVICE>_DATABASE_URL` for each.

    Raises:
        Refusal: a migration failed; the last lines of what it said are in the message.
    """
    done = subprocess.run(
        [sys.executable, "-m", "cli.migrate", *services],
        env=dict(env),
        cwd=project.root(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Refusal(f"The migrations failed:\n{done.stdout[-2000:].strip()}")


def with_database(dsn: str, database: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{quote(database)}"))


def with_role(dsn: str, role: str, password: str) -> str:
    """The same server and database, another role."""
    parts = urlsplit(dsn)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password, safe='')}@{place}"))


def statements(script: str, values: Mapping[str, str]) -> list[tuple[str, bool]]:
    """The statements of a psql script, with :'name' filled in; True where psql's \\gexec runs the result."""
    text = "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("--")) + "\n"
    for name, value in values.items():
        literal = "'" + value.replace("'", "''") + "'"
        text = text.replace(f":'{name}'", literal)
    return [(match.group(1).strip(), match.group(2) == "\\gexec") for match in _STATEMENT.finditer(text)]


async def _create_roles(dsn: str, passwords: Mapping[str, str]) -> None:
    script = (project.root() / "deploy" / "sql" / "roles.sql").read_text()
    connection = await asyncpg.connect(dsn, timeout=_CONNECT_S)
    try:
        for service, password in passwords.items():
            for statement, run_result in statements(script, {"service": service, "password": password}):
                rows: Sequence[Any] = await connection.fetch(statement)
                for row in rows if run_result else ():
                    await connection.execute(row[0])
    finally:
        await connection.close()


async def _create_database(dsn: str, database: str) -> None:
    connection = await asyncpg.connect(dsn, timeout=_CONNECT_S)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            await connection.execute(
                f"CREATE DATABASE {_identifier(database)} TEMPLATE template0 ENCODING 'UTF8'"
            )
    finally:
        await connection.close()


async def _drop_database(dsn: str, database: str) -> None:
    connection = await asyncpg.connect(dsn, timeout=_CONNECT_S)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {_identifier(database)} WITH (FORCE)")
    finally:
        await connection.close()


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def apart(work: Coroutine[Any, Any, _T], dsn: str) -> _T:
    """Run work on a database in an event loop of its own, whatever the caller runs in.

    Raises:
        Refusal: the server does not answer, or refuses.
    """
    parts = urlsplit(dsn)
    place = f"{parts.hostname or 'socket'}:{parts.port or 5432}{parts.path}"
    try:
        with ThreadPoolExecutor(1) as own_thread:  # the caller may be inside an event loop
            return own_thread.submit(asyncio.run, work).result()
    except TimeoutError:
        raise Refusal(f"PostgreSQL at {place} does not answer: time-out.") from None
    except OSError as error:
        raise Refusal(f"PostgreSQL at {place} does not answer: {error!s}") from error
    except asyncpg.PostgresError as error:
        raise Refusal(f"PostgreSQL at {place} refuses: {error}") from error
