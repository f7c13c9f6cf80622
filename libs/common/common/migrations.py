"""Migrations of a service's schema: one alembic history each, run with the service's own role.

python -m common.migrations upgrade quota              # uses QUOTA_DATABASE_URL(_DIRECT, where it is set)
python -m common.migrations revision quota -m "…"      # autogenerate against that database
python -m common.migrations check quota                # models and migrations agree
"""

import argparse
import asyncio
import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, MetaData, pool
from sqlalchemy.ext.asyncio import create_async_engine

from common import jobs
from common.db import async_url

LOCK_TIMEOUT_MS = 5_000
STATEMENT_TIMEOUT_MS = 120_000
# not those of the role, which are meant for requests
_TIME_OUTS = {"lock_timeout": str(LOCK_TIMEOUT_MS), "statement_timeout": str(STATEMENT_TIMEOUT_MS)}


def config(service: str, database_url: str) -> Config:
    """Alembic's configuration for a service; its `migrations` folder lies beside its package."""
    package = importlib.import_module(service)
    found = Config()
    found.set_main_option("script_location", str(Path(str(package.__file__)).parents[1] / "migrations"))
    found.attributes["database_url"] = database_url
    found.attributes["service"] = service
    return found


def run(metadata: MetaData) -> None:
    """What a service's `migrations/env.py` calls."""
    asyncio.run(_run(metadata, context.config.attributes["database_url"]))


async def _run(metadata: MetaData, database_url: str) -> None:
    engine = create_async_engine(
        async_url(database_url),
        poolclass=pool.NullPool,
        connect_args={"server_settings": _TIME_OUTS},
    )
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate, metadata)
    finally:
        await engine.dispose()


def _migrate(connection: Connection, metadata: MetaData) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, compare_type=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


async def install_queue(service: str, database_url: str) -> None:
    """Bring the job queue's schema to the installed pgqueuer's version (its SQL follows the library)."""
    connection: asyncpg.Connection[Any] = await asyncpg.connect(
        database_url.replace("postgresql+asyncpg", "postgresql"), server_settings=_TIME_OUTS
    )
    try:
        store = jobs.queries(service, connection)
        if await store.schema_is_installed():
            await store.upgrade()
        else:
            await store.install(create_schema=False)
    finally:
        await connection.close()


def knows(service: str, revision: str) -> bool:
    """Is this a revision of the service's history, as this version has it?"""
    try:
        return ScriptDirectory.from_config(config(service, "")).get_revision(revision) is not None
    except CommandError:
        return False


def upgrade(service: str, database_url: str) -> None:
    """Bring a service's schema and its queue to the newest version."""
    command.upgrade(config(service, database_url), "head")
    asyncio.run(install_queue(service, database_url))


def direct_url(service: str, env: Mapping[str, str]) -> str | None:
    """Where a service's migrations go: straight to Postgres, because they set time-outs of their own."""
    variable = f"{service.upper()}_DATABASE_URL"
    return env.get(f"{variable}_DIRECT") or env.get(variable)


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m common.migrations")
    parser.add_argument("command", choices=["upgrade", "revision", "check"])
    parser.add_argument("service")
    parser.add_argument("-m", "--message", default="change")
    options = parser.parse_args(arguments)
    url = direct_url(options.service, os.environ)
    if not url:
        sys.stderr.write(f"{options.service.upper()}_DATABASE_URL is not set\n")
        return 2
    try:
        if options.command == "upgrade":
            upgrade(options.service, url)
        elif options.command == "check":
            command.check(config(options.service, url))
        else:
            command.revision(config(options.service, url), message=options.message, autogenerate=True)
    except CommandError as error:
        sys.stderr.write(f"{options.service}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
