"""Texts: asked for in the transaction of the upload, read by a job, one file at a time in a process."""

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from uuid import UUID

from obstore.store import ObjectStore
from sqlalchemy.ext.asyncio import AsyncSession

from common import jobs
from common.clock import clock
from common.db import Database, cities
from common.log import log
from documents import store
from documents.formats.kinds import Kind, extract
from documents.formats.limits import Extract, Limits, Piece, Refused
from documents.settings import Settings
from documents.texts import queries
from documents.texts.models import FileText
from documents.texts.states import TextState, advance

EXTRACT_JOB = "documents.extract_text"


async def request(session: AsyncSession, city: str, file_id: UUID) -> None:
    """Ask for a file's text when the session's transaction commits."""
    session.add(
        FileText(
            file_id=file_id, city=city, state=TextState.pending.value, attempts=0, texts=[], properties=[]
        )
    )
    await jobs.enqueue(session, EXTRACT_JOB, {"file_id": file_id, "city": city}, key=f"text/{file_id}")


async def read_file(
    db: Database, settings: Settings, city: str, file_id: UUID, kind: Kind, object_key: str
) -> None:
    """Read one file's text and keep it; a file that was read is left alone.

    A file that brings the process down is tried `text_attempts` times and then counts as unreadable.
    """
    async with db.write(cities(city)) as session:
        row = await queries.locked(session, file_id)
        if row is None or row.state != TextState.pending:
            return
        row.attempts += 1
        worn_out = row.attempts > settings.text_attempts
    if worn_out:
        await _finish(db, city, file_id, None, "damaged")
        return
    work = (store.opened(settings.store_path), object_key, kind, settings.limits())
    try:
        found = await asyncio.get_running_loop().run_in_executor(_one_thread(), _extract, *work)
    except Refused as error:
        await _finish(db, city, file_id, None, error.fault)
    except store.StoreUnavailable:
        async with db.write(cities(city)) as session:
            await queries.uncount(session, file_id)  # the file is not to blame
        raise
    else:
        await _finish(db, city, file_id, found, None)


@cache
def _one_thread() -> ThreadPoolExecutor:
    """Reading is CPU work: it has one thread, so that uploads and answers keep the others."""
    return ThreadPoolExecutor(1, thread_name_prefix="texts")


def _extract(objects: ObjectStore, key: str, kind: Kind, limits: Limits) -> Extract:
    with store.reading(objects, key) as file:
        found = extract(kind, file, limits)
    return Extract(_storable(found.texts), _storable(found.properties))


def _storable(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    return tuple(Piece(_UNSEEN.sub("", piece.place), _UNSEEN.sub("", piece.text)) for piece in pieces)


# controls, unpaired surrogates and non-characters, which PostgreSQL refuses or PDFium puts at line ends, and
# characters without width, which would hide a name
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff\ud800-\udfff]"
)


async def _finish(db: Database, city: str, file_id: UUID, found: Extract | None, fault: str | None) -> None:
    async with db.write(cities(city)) as session:
        row = await queries.locked(session, file_id)
        if row is None or row.state != TextState.pending:
            return
        if found is not None:
            row.texts, row.properties = _rows(found.texts), _rows(found.properties)
        row.state = advance(row.state, TextState.done if fault is None else TextState.unreadable)
        row.fault, row.finished_at = fault, clock.business()
    log.info("text.finished", file_id=str(file_id), fault=fault)


def _rows(pieces: Sequence[Piece]) -> list[list[str]]:
    return [[piece.place, piece.text] for piece in pieces]


async def states(session: AsyncSession, file_ids: Sequence[UUID]) -> dict[UUID, str]:
    """State by file."""
    return await queries.states(session, file_ids)


async def pieces_of(session: AsyncSession, file_id: UUID) -> tuple[str | None, list[Piece], list[Piece]]:
    """State, texts and properties of a file: no texts where it was not read, no state where it is unknown."""
    row = await queries.get(session, file_id)
    return (row.state, row.text_pieces(), row.property_pieces()) if row is not None else (None, [], [])
