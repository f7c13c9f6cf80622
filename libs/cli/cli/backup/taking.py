"""Taking a backup of a running installation.

The order is quota, intake, eligibility, documents, files. Assessments, bundles and objects are written before
intake names them and never change, so dumped after intake they are all there. Places are dumped before it:
what intake decided in between is a place to take again or to give back, and both can be mended; the other way
round a place could be lost for good. `shenbao reconcile` mends those seconds.
"""

import asyncio
import os
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from cli import database, postgres
from cli.backup import files, manifest, programs, snapshot
from cli.backup.files import Copied
from cli.backup.installation import Installation
from cli.backup.manifest import Dump, Files, Manifest
from cli.errors import Refusal
from cli.house import DOCUMENTS, ELIGIBILITY, INTAKE, QUOTA
from common.clock import Clock, clock

ORDER = (QUOTA, INTAKE, ELIGIBILITY, DOCUMENTS)


def take(source: Installation, to: Path, link: Path | None, say: Callable[[str], None]) -> Manifest:
    """Back up into a folder that is not there yet.

    It is made beside it under another name and renamed at the end, so that half a backup never looks whole.

    Args:
        link: an earlier backup on the same file system; files that it has are linked, not copied.

    Raises:
        Refusal: something is missing or fails; nothing is left behind then.
    """
    if to.exists():
        raise Refusal(f"{to} is there already: name a folder that is not.")
    store, earlier = source.store(), _earlier(link)
    for service in ORDER:
        source.dsn(service)
    fresh = to.with_name(f".{to.name}.partial-{os.getpid()}")
    fresh.parent.mkdir(parents=True, exist_ok=True)
    fresh.mkdir(mode=0o700)
    try:
        made = _fill(source, store, fresh, earlier, say)
        _flush(fresh)
        fresh.rename(to)
        _flush(to.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return made


def _fill(
    source: Installation,
    store: Path,
    folder: Path,
    earlier: tuple[Path, list[Copied]] | None,
    say: Callable[[str], None],
) -> Manifest:
    taken_at, business = clock.system(), Clock()
    business.follow(source.clock_file)
    business_at = business.business()
    dumps = {}
    for service in ORDER:
        dsn = source.dsn(service)
        dumps[service] = database.apart(_dump(dsn, service, folder), dsn)
        say(f"{service}: {sum(dumps[service].rows.values())} rows, {dumps[service].bytes} bytes")
    (folder / manifest.FILES).mkdir()
    copied = files.copy_store(store, folder / manifest.FILES, earlier)
    listing = folder / manifest.LISTING
    listing.write_text("".join(one.line() for one in copied), encoding="utf-8")
    total = sum(one.size for one in copied)
    say(f"files: {len(copied)}, {total} bytes")
    made = Manifest(
        format=manifest.FORMAT,
        product=version("shenbao-cli"),
        taken_at=taken_at,
        business_at=business_at,
        dumps=dumps,
        files=Files(sha256=files.sha256_of(listing), count=len(copied), bytes=total),
    )
    manifest.write(folder, made, source.key)
    return made


async def _dump(dsn: str, service: str, folder: Path) -> Dump:
    file = folder / f"{service}.dump"
    at = clock.system()
    async with snapshot.held(dsn) as moment:
        tools = postgres.find_clients(moment.server)
        await asyncio.to_thread(programs.dump, tools, dsn, service, moment.exported, file)
        held = await snapshot.summary(moment.connection, service)
    return Dump(
        file=file.name,
        sha256=files.sha256_of(file),
        bytes=file.stat().st_size,
        at=at,
        snapshot=moment.position,
        lsn=moment.lsn,
        server=moment.server,
        tool=tools.version,
        revision=held.revision,
        rows=held.rows,
        notes=held.notes,
    )


def _earlier(link: Path | None) -> tuple[Path, list[Copied]] | None:
    if link is None:
        return None
    manifest.read(link)
    try:
        return link / manifest.FILES, files.read_listing(link / manifest.LISTING)
    except (OSError, ValueError):
        raise Refusal(f"{link / manifest.LISTING} cannot be read.") from None


def _flush(path: Path) -> None:
    """Have the disk keep what was written; files of the store were flushed one by one."""
    for one in [*path.glob("*"), path]:
        if one.is_file() or one == path:
            descriptor = os.open(one, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
