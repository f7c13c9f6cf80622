"""Restoring some or all services, and the files, from a backup. All is checked before anything is touched."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg
from joserfc.jwk import OKPKey
from sqlalchemy.ext.asyncio import create_async_engine

from cli import database, postgres
from cli.backup import files, manifest, programs, snapshot
from cli.backup.files import Copied
from cli.backup.installation import Installation
from cli.backup.manifest import Dump
from cli.backup.verifying import Backup, verified
from cli.errors import Refusal
from cli.keys import OPERATOR
from common import migrations, restores
from common.actor import Actor
from common.db import ALL_CITIES, Database, async_url, new_metadata

# the next thing to drop: tables first, for they take their sequences, triggers and row types along
_HELD = """
    SELECT command FROM (
        SELECT CASE WHEN c.relkind IN ('r', 'p') THEN 1 ELSE 2 END AS turn,
            format('DROP %s %s CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass) AS command
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT c.relispartition
        UNION ALL
        SELECT 3, format('DROP ROUTINE %s CASCADE', p.oid::regprocedure)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ANY($1)
        UNION ALL
        SELECT 4, format('DROP TYPE %s CASCADE', t.oid::regtype)
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE n.nspname = ANY($1) AND t.typtype IN ('e', 'd', 'r')
    ) AS held ORDER BY turn, command LIMIT 1
"""


def restore(
    target: Installation,
    folder: Path,
    services: Sequence[str],
    *,
    with_files: bool,
    replace: bool,
    signed: bool,
    say: Callable[[str], None],
) -> Backup:
    """Bring services back to the moment of a backup, each schema in one transaction. May be repeated.

    Args:
        services: those to restore; their processes must be stopped.
        with_files: also copy back files that are missing or differ; none is ever deleted.
        replace: what the schemas hold now may go.
        signed: the manifest must carry the operator's signature.

    Raises:
        Refusal: the backup is damaged, of a newer version, a service runs, or a schema is not empty.
    """
    backup = verified(folder, _key(target, signed), services=services, with_files=with_files)
    store = target.store() if with_files else None
    for service in services:
        dump, dsn = backup.manifest.dumps[service], target.dsn(service)
        if not migrations.knows(service, dump.revision):
            raise Refusal(
                f"The dump of {service} is of revision {dump.revision}, which this version does not know: it "
                "was made by a newer version. Restore with that one."
            )
        database.apart(_refuse_occupied(dsn, service, dump, replace), dsn)
    for service in services:
        _fill(target, backup, service, say)
    if services:
        urls = {f"{service.upper()}_DATABASE_URL": target.dsn(service) for service in services}
        database.migrate(services, {**os.environ, **urls})
    for service in services:
        dsn = target.dsn(service)
        database.apart(_record(dsn, backup, backup.manifest.dumps[service]), dsn)
    if store is not None:
        written = sum(_bring_back(backup, line, store) for line in backup.listing)
        say(f"files: {len(backup.listing)} in the backup, {written} written")
    return backup


def _key(target: Installation, signed: bool) -> OKPKey | None:
    if signed and target.key is None:
        raise Refusal("OPERATOR_SERVICE_KEY is not set: the manifest's signature cannot be checked.")
    return target.key if signed else None


async def _refuse_occupied(dsn: str, service: str, dump: Dump, replace: bool) -> None:
    connected = await snapshot.sessions(dsn)
    if connected:
        raise Refusal(f"{service} is in use ({', '.join(connected)}): stop its processes first.")
    connection = await asyncpg.connect(dsn)
    try:
        server = connection.get_server_version().major
        held = await connection.fetchval(_HELD, programs.schemas(service))
    finally:
        await connection.close()
    if server < dump.server:
        raise Refusal(
            f"The dump of {service} is from PostgreSQL {dump.server}; this server is {server}, older."
        )
    if held is not None and not replace:
        raise Refusal(
            f"The schemas of {service} are not empty. What they hold would be lost; if that is meant, "
            "say --replace."
        )


def _fill(target: Installation, backup: Backup, service: str, say: Callable[[str], None]) -> None:
    dump, dsn = backup.manifest.dumps[service], target.dsn(service)
    database.apart(_empty(dsn, service), dsn)
    found = database.apart(_server(dsn), dsn)
    tools = postgres.find_clients(max(found, dump.tool))
    programs.restore(tools, dsn, service, backup.folder / dump.file)
    database.apart(_compare(dsn, service, dump), dsn)
    say(f"{service}: {sum(dump.rows.values())} rows of {dump.at:%Y-%m-%d %H:%M:%S} UTC")


async def _empty(dsn: str, service: str) -> None:
    """Drop everything in the service's schemas; the schemas belong to an administrator's script and stay."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            while command := await connection.fetchval(_HELD, programs.schemas(service)):
                await connection.execute(command)
    finally:
        await connection.close()


async def _server(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(connection.get_server_version().major)
    finally:
        await connection.close()


async def _compare(dsn: str, service: str, dump: Dump) -> None:
    """
    Raises:
        Refusal: what was restored is not what was counted when it was dumped.
    """
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            held = await snapshot.summary(connection, service)
    finally:
        await connection.close()
    if (held.revision, held.rows, held.notes) != (dump.revision, dump.rows, dump.notes):
        raise Refusal(f"{service} was restored, but holds other rows than the backup says. Do not start it.")


async def _record(dsn: str, backup: Backup, dump: Dump) -> None:
    """An audit row in the restored schema; documents' sweep spares what was written between then and now."""
    engine = create_async_engine(async_url(dsn))
    metadata = new_metadata()
    try:
        async with Database(engine, metadata).write(ALL_CITIES) as session:
            await restores.record(session, Actor(caller=OPERATOR), backup.sha256, dump.at)
    finally:
        await engine.dispose()


def _bring_back(backup: Backup, line: Copied, store: Path) -> bool:
    target = store / line.key
    if target.is_file() and target.stat().st_size == line.size and files.sha256_of(target) == line.sha256:
        return False
    files.copy(backup.folder / manifest.FILES / line.key, target, line.key)
    return True
