"""An assessment's rows inserted by pgbench: what Postgres alone needs for them."""

from typing import Any
from uuid import UUID

import asyncpg

from cli.bench.scale import per_second
from cli.errors import Refusal
from cli.local import House

_SCHEMA = "bench_rows"
_FILE = "rows.sql"
_KEYS = {"assessments": "id", "audit_entries": "object_id"}
"""Tables of eligibility, and the column that names the assessment."""


async def prepare(home: House, assessment_id: UUID) -> None:
    """Tables like eligibility's own, and a script that inserts rows equal to those of one assessment.

    Raises:
        Refusal: it is not stored.
    """
    db = await asyncpg.connect(home.admin_dsn)
    try:
        await db.execute(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE; CREATE SCHEMA {_SCHEMA}")
        inserts = [await _insert(db, table, assessment_id) for table in _KEYS]
    finally:
        await db.close()
    text = "\n".join(["BEGIN;", *inserts, "COMMIT;", ""])
    (home.work_dir / _FILE).write_text(text, encoding="utf-8")


async def _insert(db: "asyncpg.Connection[Any]", table: str, assessment_id: UUID) -> str:
    await db.execute(f"CREATE TABLE {_SCHEMA}.{table} (LIKE eligibility.{table} INCLUDING ALL)")
    columns = [
        row["attname"]
        for row in await db.fetch(
            "SELECT attname FROM pg_attribute"
            " WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped",
            f"{_SCHEMA}.{table}",
        )
    ]
    values = ", ".join(f"quote_nullable({name}::text) AS {name}" for name in columns)
    row = await db.fetchrow(
        f"SELECT {values} FROM eligibility.{table} WHERE {_KEYS[table]}::text = $1",  # noqa: S608  # our names
        str(assessment_id),
    )
    if row is None:
        raise Refusal(f"eligibility.{table} has no row of the assessment {assessment_id}")
    stated = ", ".join("gen_random_uuid()" if name == "id" else row[name] for name in columns)
    return f"INSERT INTO {_SCHEMA}.{table} ({', '.join(columns)}) VALUES ({stated});"  # noqa: S608


def per_second_by_pgbench(home: House, *, clients: int, number: int) -> float:
    """Pairs of rows a second, in a transaction each.

    Raises:
        Refusal: pgbench fails.
    """
    each = ("-t", str(max(1, number // clients)))
    return per_second(home.admin_dsn, home.work_dir / _FILE, clients=clients, until=each)
