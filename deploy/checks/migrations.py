"""Models and migrations agree, and every revision leaves the code before it at work.

Each service's history is run on an empty database, revision by revision. Between two of them the schemas are
compared (`additive`); rows as the older tables know them are there before the newer revision runs, are read
after it, and written once more (`rows`). A revision that takes away what no process uses any more says so:
`narrows = {"table.column": "not read since 0.3"}`. At the end models and schema are compared (alembic check).
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import sqlalchemy as sa
from additive import narrowings, read_schema
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from rows import NoRow, Row, insert_samples
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from cli.cluster import running_cluster
from cli.database import drop_database, setup_database
from cli.errors import Refusal
from cli.house import WITH_DATABASE
from common import migrations
from common.db import async_url

_DATABASE = "shenbao_migrations_check"


def history(config: Config, dsn: str) -> list[str]:
    """Run a history on an empty schema; what stands against the code before each revision.

    Raises:
        NoRow: see `rows`.
    """
    first, *later = list(ScriptDirectory.from_config(config).walk_revisions())[::-1]
    command.upgrade(config, first.revision)
    found: list[str] = []
    for number, script in enumerate(later):
        before, tables = asyncio.run(read_schema(dsn)), asyncio.run(_reflected(dsn))
        rows = asyncio.run(_written(dsn, tables, seed=2 * number + 1))
        try:
            command.upgrade(config, script.revision)
        except DBAPIError as error:
            return [*found, f"{script.revision}: does not run where there are rows: {error.orig}"]
        declared: dict[str, str] = getattr(script.module, "narrows", {})
        narrowed = narrowings(before, asyncio.run(read_schema(dsn)))
        names = {one.what for one in narrowed}
        said = [f"{one.what}: {one.why}" for one in narrowed if one.what not in declared]
        said += [f"{what}: declared, and not narrowed" for what in sorted(declared.keys() - names)]
        if not narrowed:
            said += asyncio.run(_at_work(dsn, tables, rows, seed=2 * number + 2))
        found += [f"{script.revision}: {one}" for one in said]
    return found


async def _reflected(dsn: str) -> sa.MetaData:
    """The tables as the models of this revision know them."""
    metadata = sa.MetaData()
    async with _connected(dsn) as connection:
        await connection.run_sync(metadata.reflect)
    metadata.remove(metadata.tables["alembic_version"])
    return metadata


async def _written(dsn: str, tables: sa.MetaData, *, seed: int) -> dict[str, list[Row]]:
    async with _connected(dsn) as connection:
        return await insert_samples(connection, tables, seed=seed)


async def _at_work(dsn: str, tables: sa.MetaData, rows: Mapping[str, list[Row]], *, seed: int) -> list[str]:
    """What the older tables cannot do on the newer schema: find their rows as they were, write others."""
    async with _connected(dsn) as connection:
        found = [
            f"{name}: rows are not what they were"
            for name, known in rows.items()
            if not await _are_there(connection, tables, name, known)
        ]
    try:
        await _written(dsn, tables, seed=seed)
    except (NoRow, DBAPIError) as error:
        return [*found, f"what the code before wrote is refused: {error}"]
    return found


async def _are_there(connection: AsyncConnection, tables: sa.MetaData, name: str, rows: list[Row]) -> bool:
    found = [dict(row) for row in (await connection.execute(sa.select(tables.tables[name]))).mappings()]
    return all(any(row.items() <= one.items() for one in found) for row in rows)


@asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(async_url(dsn))
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


def main() -> int:
    """Prints what is wrong, by service; 1 where anything is."""
    failed = False
    with running_cluster() as cluster:
        drop_database(cluster.dsn_admin, _DATABASE)
        passwords = dict.fromkeys(WITH_DATABASE, "check-only")
        for service, dsn in setup_database(cluster.dsn_admin, passwords, database=_DATABASE).items():
            config = migrations.config(service, dsn)
            found = history(config, dsn)
            try:
                command.check(config)
            except CommandError as error:
                found.append(str(error))
            failed = failed or bool(found)
            print("\n".join(f"{service}: {one}" for one in found), end="\n" if found else "")
        drop_database(cluster.dsn_admin, _DATABASE)
    return int(failed)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refusal as refusal:
        sys.exit(str(refusal))
