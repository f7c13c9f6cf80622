"""For scale: one transaction like a submission's, by pgbench and by a plain ORM session, on the same cluster.

One transaction locks and changes an application, adds an audit row and a job: five round trips, as many as a
submission's own transaction would need at least. Nothing is checked, sealed or assessed, no token is read.
"""

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import DateTime, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from cli import postgres
from cli.errors import Refusal
from common.clock import clock

ROWS = 20_000
CLIENTS = 16
SECONDS = 5
_CREATE = f"""
    CREATE SCHEMA bench;
    CREATE TABLE bench.applications (id int PRIMARY KEY, state text NOT NULL, revision int NOT NULL,
        received_at timestamptz, title text NOT NULL, form jsonb NOT NULL);
    CREATE TABLE bench.audit (id bigserial PRIMARY KEY, application_id int NOT NULL, action text NOT NULL,
        at timestamptz NOT NULL, data jsonb NOT NULL);
    CREATE TABLE bench.jobs (id bigserial PRIMARY KEY, name text NOT NULL, payload jsonb NOT NULL);
    INSERT INTO bench.applications
    SELECT n, 'draft', 1, NULL, '项目' || n, '{{"project.identity": "项目", "budget.rd_total": 900000}}'
    FROM generate_series(1, {ROWS}) n;
    ANALYZE bench.applications;
"""  # noqa: S608  # a number of our own
_SCRIPT = f"""\\set id random(1, {ROWS})
BEGIN;
UPDATE bench.applications SET state = 'submitted', revision = revision + 1, received_at = now() WHERE id = :id
    RETURNING revision;
INSERT INTO bench.audit (application_id, action, at, data)
    VALUES (:id, 'application.submitted', now(), '{{"state": "submitted"}}');
INSERT INTO bench.jobs (name, payload) VALUES ('intake.finish_attempt', '{{"attempt_id": "0"}}');
COMMIT;
"""  # noqa: S608


class _Base(DeclarativeBase):
    pass


class _Application(_Base):
    __tablename__ = "applications"
    __table_args__ = {"schema": "bench"}  # noqa: RUF012  # SQLAlchemy's own form
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String)
    revision: Mapped[int] = mapped_column(Integer)
    received_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    title: Mapped[str] = mapped_column(String)
    form: Mapped[dict[str, Any]] = mapped_column(JSONB)


class _Audit(_Base):
    __tablename__ = "audit"
    __table_args__ = {"schema": "bench"}  # noqa: RUF012
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(String)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)


class _Job(_Base):
    __tablename__ = "jobs"
    __table_args__ = {"schema": "bench"}  # noqa: RUF012
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)


async def prepare(admin_dsn: str) -> None:
    """The tables, in a schema of their own."""
    db = await asyncpg.connect(admin_dsn)
    try:
        await db.execute(_CREATE)
    finally:
        await db.close()


def pgbench(admin_dsn: str, folder: Path) -> float | None:
    """Transactions a second; None where no pgbench is installed."""
    if program() is None:
        return None
    script = folder / "submit.sql"
    script.write_text(_SCRIPT)
    return per_second(admin_dsn, script, clients=CLIENTS, until=("-M", "prepared", "-T", str(SECONDS)))


def per_second(dsn: str, script: Path, *, clients: int, until: Sequence[str]) -> float:
    """Transactions a second of a script by pgbench, which must be installed.

    Args:
        until: pgbench's own words for how long, such as `-T 5`.

    Raises:
        Refusal: it says none.
    """
    command = [program() or "pgbench", "-n", "-f", str(script), "-c", str(clients), "-j", "1", *until, dsn]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if found is None or done.returncode != 0:
        raise Refusal(f"pgbench says no tps:\n{done.stdout}\n{done.stderr[-500:]}")
    return float(found[1])


def program() -> str | None:
    """Path of pgbench; None where it is not installed."""
    installed = postgres.find_installed()
    beside = installed.bin / "pgbench" if installed is not None else None
    return str(beside) if beside is not None and beside.exists() else shutil.which("pgbench")


async def orm(admin_dsn: str) -> float:
    """Transactions a second of one process with as many clients, each with an ORM session."""
    url = make_url(admin_dsn).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, pool_size=CLIENTS)
    until, done = time.monotonic() + SECONDS, 0

    async def client(number: int) -> None:
        nonlocal done
        turn = number
        while time.monotonic() < until:
            turn = (turn * 7919 + 104_729) % ROWS
            async with AsyncSession(engine) as session, session.begin():
                row = await session.get_one(_Application, turn + 1, with_for_update=True)
                row.state, row.revision, row.received_at = "submitted", row.revision + 1, clock.system()
                session.add(
                    _Audit(
                        application_id=row.id,
                        action="application.submitted",
                        at=row.received_at,
                        data={"state": row.state},
                    )
                )
                session.add(_Job(name="intake.finish_attempt", payload={"attempt_id": "0"}))
            done += 1

    began = time.monotonic()
    try:
        await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    finally:
        await engine.dispose()
    return done / (time.monotonic() - began)
