"""Comparing the owners: documents' side, rows against manifests and against the bytes in the store."""

import hashlib
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from obstore.store import ObjectStore
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from common.actor import Actor
from common.clock import clock
from common.db import ALL_CITIES, Database
from common.errors import FieldError
from common.pagination import BadCursor, Page, decode_cursor, encode_cursor
from documents import store
from documents.bundles.models import Bundle
from documents.bundles.schemas import Manifest
from documents.files import service as files_service
from documents.files.models import StoredFile
from documents.reconciliation import queries
from documents.reconciliation.schemas import BundleLine, FileLine, Objects, Position

PAGE_BYTES = 512 * 1024**2
"""A page of files ends when this much was read, so that large files do not run into the request's time."""
_MOST_IDS = 1000


def position(cursor: str | None) -> UUID | None:
    """The id after which a page begins.

    Raises:
        BadCursor: not a cursor of these lists.
    """
    if cursor is None:
        return None
    try:
        return Position.model_validate(decode_cursor(cursor)).id
    except ValidationError as error:
        raise BadCursor(errors=[FieldError("/cursor", "cursor", "a cursor of another list")]) from error


async def bundles(session: AsyncSession, cursor: str | None, limit: int) -> Page[BundleLine]:
    """Every bundle by id, its manifest hashed anew and looked up file by file."""
    rows = await queries.bundles(session, position(cursor), limit + 1)
    shown = rows[:limit]
    manifests = {row.id: _manifest(row) for row in shown}
    named = [one.file_id for manifest in manifests.values() if manifest for one in manifest.files]
    known = await queries.sha256_of(session, named)
    lines = [
        BundleLine(
            id=row.id,
            application_id=row.application_id,
            manifest_sha256=row.manifest_sha256,
            whole=_whole(manifests[row.id], known),
        )
        for row in shown
    ]
    more = len(rows) > limit
    return Page(items=lines, next_cursor=encode_cursor({"id": shown[-1].id}) if more else None)


def _manifest(row: Bundle) -> Manifest | None:
    if hashlib.sha256(row.manifest.encode()).hexdigest() != row.manifest_sha256:
        return None
    return Manifest.model_validate_json(row.manifest)


def _whole(manifest: Manifest | None, known: dict[UUID, str]) -> bool:
    return manifest is not None and all(known.get(one.file_id) == one.sha256 for one in manifest.files)


async def files(
    db: Database, actor: Actor, objects: ObjectStore, cursor: str | None, limit: int, *, content: bool
) -> Page[FileLine]:
    """Every file by id against its object; no database block is open while bytes are read.

    Args:
        content: hash every byte; otherwise presence and size only.
    """
    async with db.read(actor) as session:
        rows = await queries.files(session, position(cursor), limit + 1)
    lines, read = [], 0
    for row in rows[:limit]:
        lines.append(
            FileLine(id=row.id, application_id=row.application_id, object=await _state(objects, row, content))
        )
        read += row.size if content else 0
        if read >= PAGE_BYTES:
            break
    more = len(rows) > len(lines)
    return Page(items=lines, next_cursor=encode_cursor({"id": lines[-1].id}) if more else None)


async def _state(
    objects: ObjectStore, row: StoredFile, content: bool
) -> Literal["whole", "missing", "altered"]:
    try:
        if await store.size(objects, row.object_key) != row.size:
            return "altered"
        if content and await store.sha256(objects, row.object_key) != row.sha256:
            return "altered"
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        raise store.StoreUnavailable from error
    return "whole"


async def without_row(db: Database, actor: Actor, objects: ObjectStore) -> Objects:
    """Objects of the actor's cities that no row names; the newest may be uploads that are under way."""
    count, lost = 0, 0
    ids: list[UUID] = []
    async for keys in store.older_than(objects, clock.system()):
        own = [key for key in keys if key.partition("/")[0] in actor.cities]
        async with db.read(ALL_CITIES) as session:
            known = await files_service.known_keys(session, own)
        count += len(own)
        orphans = [key for key in own if key not in known]
        lost += len(orphans)
        ids += _file_ids(orphans)[: _MOST_IDS - len(ids)]
    return Objects(count=count, without_row=lost, file_ids=sorted(ids))


def _file_ids(keys: Sequence[str]) -> list[UUID]:
    """Keys are `city/application/file/upload`; what has another shape was not written here."""
    found = []
    for key in keys:
        parts = key.split("/")
        if len(parts) == 4:
            try:
                found.append(UUID(parts[2]))
            except ValueError:
                continue
    return found
