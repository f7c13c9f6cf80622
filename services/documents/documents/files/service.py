"""Files: put in by one streamed request, kept for good, every fetch recorded."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from obstore.store import ObjectStore
from sqlalchemy.ext.asyncio import AsyncSession

from common import audit, restores
from common.actor import Actor
from common.clock import clock
from common.db import ALL_CITIES, Database, cities
from common.errors import Conflict, DomainError, constraint_error
from common.ids import new_id
from common.log import log
from common.roles import Role
from documents import store
from documents.files import queries
from documents.files.errors import FAULTS, FileDiffers
from documents.files.models import Sealing, StoredFile
from documents.files.uploading import Meter, clean_name
from documents.formats import kinds
from documents.formats.limits import Limits, Refused
from documents.settings import Settings
from documents.texts import service as texts
from documents.tickets import UploadTicket

_TRIES = 10


class FileExists(Conflict):
    code = "documents.file_exists"
    title_zh, title_en = "此文件编号已存在", "This file id exists already"


class VersionTaken(Conflict):
    code = "documents.version_taken"
    title_zh, title_en = "同名文件正在上传，请重试", "A file of this name is being uploaded; try again"


constraint_error("pk_files", FileExists)
constraint_error("uq_files_application_id_material_name_version_no", VersionTaken)


async def upload(
    db: Database, settings: Settings, actor: Actor, ticket: UploadTicket, body: AsyncIterator[bytes]
) -> StoredFile:
    """Take a file. The same file id with the same content again finds the first one.

    Args:
        actor: who relays the body; a person must belong to the ticket's city.
        body: the content, in chunks.

    Raises:
        DomainError: any of documents.files.errors; nothing is kept then.
    """
    scope = actor.in_city(ticket.city)
    name = clean_name(ticket.filename)
    try:
        kind = kinds.stated(name, ticket.content_type)
    except Refused as error:
        raise FAULTS[error.fault] from error
    meter = Meter(
        min(ticket.max_bytes, settings.max_file_bytes), settings.upload_idle_s, settings.upload_timeout_s
    )
    known = await _find(db, scope, ticket.file_id)
    if known is not None:
        async for _ in meter.measured(body):
            pass
        return _same(known, ticket, name, meter)
    objects = store.opened(settings.store_path)
    key = f"{ticket.city}/{ticket.application_id}/{ticket.file_id}/{new_id()}"
    await _put(objects, key, meter.measured(body))
    try:
        await asyncio.to_thread(_check, objects, key, kind, settings.limits())
        row = _row(ticket, name, kind, key, meter)
        return await _keep(db, scope, row)
    except FileExists:
        await store.delete(objects, key)
        known = await _find(db, scope, ticket.file_id)
        if known is None:
            raise FileDiffers from None
        return _same(known, ticket, name, meter)
    except DomainError:
        await store.delete(objects, key)
        raise
    # after any other error the row may have been committed; an object without one is swept later


async def _put(objects: ObjectStore, key: str, chunks: AsyncIterator[bytes]) -> None:
    try:
        await store.put(objects, key, chunks)
    except OSError as error:
        raise store.StoreUnavailable from error


def _check(objects: ObjectStore, key: str, kind: kinds.Kind, limits: Limits) -> None:
    try:
        with store.reading(objects, key) as file:
            kinds.check(kind, file, limits)
    except Refused as error:
        raise FAULTS[error.fault] from error


def _row(ticket: UploadTicket, name: str, kind: kinds.Kind, key: str, meter: Meter) -> StoredFile:
    return StoredFile(
        id=ticket.file_id,
        city=ticket.city,
        application_id=ticket.application_id,
        guide=ticket.guide,
        guide_version=ticket.version,
        category=ticket.category,
        material=ticket.material,
        bundle=ticket.bundle,
        name=name,
        kind=kind.value,
        content_type=kinds.CONTENT_TYPES[kind],
        size=meter.size,
        sha256=meter.sha256,
        object_key=key,
        attributes=ticket.attributes,
        uploaded_by=ticket.by,
    )


async def _keep(db: Database, scope: Actor, row: StoredFile) -> StoredFile:
    for attempt in range(1, _TRIES + 1):
        try:
            async with db.write(scope) as session:
                return await _insert(session, scope, row)
        except VersionTaken:
            if attempt == _TRIES:
                raise
            row = _copy(row)
    raise AssertionError("unreachable")


async def _insert(session: AsyncSession, scope: Actor, row: StoredFile) -> StoredFile:
    row.version_no = 1 + await queries.last_version(session, row.application_id, row.material, row.name)
    row.completed_at, row.recorded_at = clock.business(), clock.system()
    session.add(row)
    await texts.request(session, row.city, row.id)
    await audit.record(
        session,
        scope,
        action="file.stored",
        object_type="file",
        object_id=row.id,
        city=row.city,
        application_id=row.application_id,
        data={
            "material": row.material,
            "bundle": row.bundle,
            "version": row.version_no,
            "by": row.uploaded_by,
        },
    )
    return row


def _copy(row: StoredFile) -> StoredFile:
    columns = StoredFile.__table__.columns.keys()
    return StoredFile(**{column: getattr(row, column) for column in columns})


async def _find(db: Database, scope: Actor, file_id: UUID) -> StoredFile | None:
    async with db.read(scope) as session:
        return await queries.get(session, file_id)


def _same(known: StoredFile, ticket: UploadTicket, name: str, meter: Meter) -> StoredFile:
    stated = (ticket.application_id, ticket.material, name, meter.sha256)
    if stated != (known.application_id, known.material, known.name, known.sha256):
        raise FileDiffers
    return known


@dataclass(frozen=True, slots=True)
class Seen:
    """A file and how far its text is."""

    row: StoredFile
    text: str | None


async def many(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> list[Seen]:
    """Those of the files that the actor may know of."""
    return await _seen(session, actor, await queries.many(session, ids))


async def of_applications(
    session: AsyncSession, actor: Actor, application_ids: Sequence[UUID]
) -> dict[UUID, list[Seen]]:
    """All versions by application, oldest first; applications without files have an empty list."""
    found: dict[UUID, list[Seen]] = {application_id: [] for application_id in application_ids}
    for one in await _seen(session, actor, await queries.of_applications(session, application_ids)):
        found[one.row.application_id].append(one)
    return found


async def _seen(session: AsyncSession, actor: Actor, rows: list[StoredFile]) -> list[Seen]:
    whole, blind = actor.cities_as(READERS), actor.cities_as([Role.expert])
    sealed = await _sealed_blind(session, [row for row in rows if row.city in blind - whole])
    rows = [row for row in rows if row.city in whole or row.id in sealed]
    states = await texts.states(session, [row.id for row in rows])
    return [Seen(row, states.get(row.id)) for row in rows]


async def _sealed_blind(session: AsyncSession, rows: list[StoredFile]) -> set[UUID]:
    sealings = await queries.sealings(session, [row.id for row in rows])
    return {one.file_id for one in sealings if one.bundle == "blind"}


READERS = tuple(
    role for role in Role if role not in (Role.expert, Role.provincial_client, Role.portal_client)
)


async def current(
    session: AsyncSession, application_id: UUID, as_of: datetime, single: frozenset[str]
) -> list[StoredFile]:
    """The newest version of each document completed at or before the instant (business time).

    Args:
        single: materials of which there is one document: its newest file stands, whatever its name.
    """
    newest: dict[tuple[str, str], StoredFile] = {}
    for row in await queries.completed_by(session, application_id, as_of):
        newest[(row.material, "" if row.material in single else row.name)] = row
    return sorted(newest.values(), key=lambda row: (row.material, row.name, row.version_no))


def seal(session: AsyncSession, city: str, bundle_id: UUID, kinds_of: dict[UUID, str]) -> None:
    """Note which files a sealed bundle holds, and as what (blind, identity, office)."""
    session.add_all(
        Sealing(city=city, bundle_id=bundle_id, file_id=file_id, bundle=bundle)
        for file_id, bundle in kinds_of.items()
    )


async def sealed(session: AsyncSession, bundle_id: UUID) -> list[StoredFile]:
    """The files of a sealed bundle."""
    sealings = await queries.sealed_in(session, bundle_id)
    return await queries.many(session, [one.file_id for one in sealings])


async def read_text(db: Database, settings: Settings, city: str, file_id: UUID) -> None:
    """The job that an upload asked for."""
    async with db.read(cities(city)) as session:
        row = await queries.get(session, file_id)
    if row is not None:
        await texts.read_file(db, settings, city, file_id, kinds.Kind(row.kind), row.object_key)


async def known_keys(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    """Those of the object keys that a row names."""
    return await queries.known_keys(session, keys)


async def sweep_orphans(db: Database, settings: Settings) -> int:
    """Delete objects that no row names and that are old enough to belong to no running upload.

    What was written between a backup and its restore is left alone: its row was lost by the restore, and the
    bytes may be all that is left of it.
    """
    objects = store.opened(settings.store_path)
    before, deleted = clock.system() - timedelta(seconds=settings.orphans_after_s), 0
    async with db.read(ALL_CITIES) as session:
        spared = await restores.spans(session)
    async for keys in store.older_than(objects, before, spared):
        async with db.read(ALL_CITIES) as session:
            known = await queries.known_keys(session, keys)
        for key in keys:
            if key not in known:
                await store.delete(objects, key)
                deleted += 1
    if deleted:
        log.info("orphans.swept", count=deleted)
    return deleted
