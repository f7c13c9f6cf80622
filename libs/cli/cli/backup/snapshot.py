"""One moment of a service's database: held while it is dumped, summed up so that a restore can be proved."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from cli.backup.programs import schemas

_CONNECT_S = 10
_TABLES = """
    SELECT n.nspname AS schema, c.relname AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p')
    ORDER BY 1, 2
"""
# what a person wants to compare with the outside world: how far the list was, which guides were in force
_NOTES = {
    "intake": {
        "feed": "SELECT city, last_seq, chain_hash FROM intake.feed_heads ORDER BY city",
        "guides": "SELECT id, current_version AS version FROM intake.guides ORDER BY id",
    }
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A snapshot that is held.

    Attributes:
        exported: its name for pg_dump.
        position: transaction horizon, as pg_current_snapshot writes it.
        lsn: where the write-ahead log stood.
        server: major version.
    """

    connection: "asyncpg.Connection[Any]"
    exported: str
    position: str
    lsn: str
    server: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a schema holds: its revision, rows by `schema.table`, and notes."""

    revision: str
    rows: dict[str, int]
    notes: dict[str, list[dict[str, Any]]]


@asynccontextmanager
async def held(dsn: str) -> AsyncIterator[Moment]:
    """A read-only transaction whose snapshot others can use while the block lasts."""
    connection = await asyncpg.connect(dsn, timeout=_CONNECT_S)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            # as pg_dump does for itself; the role's own time-outs are meant for requests
            await connection.execute("SET LOCAL statement_timeout = 0")
            await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            found = await connection.fetchrow("""
                SELECT pg_export_snapshot() AS exported, pg_current_snapshot()::text AS position,
                    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                         ELSE pg_current_wal_lsn() END::text AS lsn
            """)
            server = connection.get_server_version().major
            yield Moment(connection, found["exported"], found["position"], found["lsn"], server)
    finally:
        await connection.close()


async def summary(connection: "asyncpg.Connection[Any]", service: str) -> Summary:
    """Counted inside the connection's transaction.

    Raises:
        asyncpg.PostgresError: the schema was never migrated.
    """
    names = [f"{row['schema']}.{row['name']}" for row in await connection.fetch(_TABLES, schemas(service))]
    rows = {}
    for name in names:
        rows[name] = await connection.fetchval(f"SELECT count(*) FROM {_quoted(name)}")  # noqa: S608 # quoted
    found = f"SELECT version_num FROM {_quoted(f'{service}.alembic_version')}"  # noqa: S608  # quoted
    revision = await connection.fetchval(found)
    notes = {
        note: [dict(row) for row in await connection.fetch(query)]
        for note, query in _NOTES.get(service, {}).items()
    }
    return Summary(revision, rows, notes)


def _quoted(name: str) -> str:
    schema, _, table = name.partition(".")
    return f'"{schema}"."{table}"'


async def sessions(dsn: str) -> Sequence[str]:
    """Names of the programs that are connected with this role, ours left out."""
    connection = await asyncpg.connect(dsn, timeout=_CONNECT_S)
    try:
        rows = await connection.fetch("""
            SELECT DISTINCT coalesce(nullif(application_name, ''), 'unnamed') AS name FROM pg_stat_activity
            WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()
            ORDER BY 1
        """)
        return [row["name"] for row in rows]
    finally:
        await connection.close()
