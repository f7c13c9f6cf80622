"""Handing a file out: the ticket's claims, the range, and the record of who fetched what."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.db import Database
from common.etag import is_known
from documents import store
from documents.files import queries
from documents.files.errors import FileUnknown, NotInBundle, RangeUnsatisfiable
from documents.files.models import Download, StoredFile
from documents.settings import Settings
from documents.tickets import DownloadTicket, TicketForeign

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The request's headers that decide what is sent."""

    range: str | None
    if_range: str | None
    if_none_match: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Status 200, 206 or 304, headers, and the content."""

    status: int
    headers: dict[str, str]
    body: AsyncIterator[bytes] | None


async def download(
    db: Database, settings: Settings, actor: Actor, ticket: DownloadTicket, file_id: UUID, wanted: Wanted
) -> Answer:
    """A file, or a part of it. What is sent is recorded before its first byte.

    Raises:
        TicketForeign: the ticket names another file, or a city that is not the actor's.
        FileUnknown: it is not there.
        NotInBundle: the file is of another kind, or not in the sealed bundle that the ticket names.
        RangeUnsatisfiable: the range lies behind the end.
    """
    if ticket.file_id != file_id:
        raise TicketForeign
    scope = actor.in_city(ticket.city)
    async with db.read(scope) as session:
        row = await queries.get(session, file_id)
        if row is None:
            raise FileUnknown
        await _check_bundle(session, ticket, row)
    etag = f'"{row.sha256}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if is_known(wanted.if_none_match, etag):
        return Answer(304, headers, None)
    part = _part(wanted, row.size, etag)
    start, end = part or (0, row.size)
    async with db.write(scope) as session:
        await _record(session, scope, ticket, row, start, end)
    try:
        body = await store.send(store.opened(settings.store_path), row.object_key, start, end)
    except OSError as error:
        raise store.StoreUnavailable from error
    headers |= {
        "Content-Type": row.content_type,
        "Content-Length": str(end - start),
        "Content-Disposition": disposition(row.name),
        "Accept-Ranges": "bytes",
    }
    if part is None:
        return Answer(200, headers, body)
    return Answer(206, headers | {"Content-Range": f"bytes {start}-{end - 1}/{row.size}"}, body)


async def _check_bundle(session: AsyncSession, ticket: DownloadTicket, row: StoredFile) -> None:
    kind = row.bundle
    if ticket.bundle_id is not None:
        held = {one.file_id: one.bundle for one in await queries.sealed_in(session, ticket.bundle_id)}
        if row.id not in held:
            raise NotInBundle
        kind = held[row.id]
    if ticket.bundle is not None and ticket.bundle != kind:
        raise NotInBundle


def _part(wanted: Wanted, size: int, etag: str) -> tuple[int, int] | None:
    """The one range asked for, as [start, end); None: the whole file (RFC 9110 section 14.2)."""
    match = _RANGE.fullmatch((wanted.range or "").replace(" ", ""))
    if match is None or match.group() == "bytes=-" or (wanted.if_range or etag) != etag:
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < start:
            return None
    if start >= end:
        raise RangeUnsatisfiable(headers={"Content-Range": f"bytes */{size}"})
    return start, end


def disposition(name: str) -> str:
    """Content-Disposition with the name in UTF-8 (RFC 6266, RFC 8187) and an ASCII stand-in."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _record(
    session: AsyncSession, actor: Actor, ticket: DownloadTicket, row: StoredFile, start: int, end: int
) -> None:
    session.add(
        Download(
            city=row.city,
            file_id=row.id,
            application_id=row.application_id,
            by=ticket.by,
            caller=actor.caller,
            purpose=ticket.purpose,
            first_byte=start,
            last_byte=end,
            at=clock.business(),
            recorded_at=clock.system(),
        )
    )
    await audit.record(
        session,
        actor,
        action="file.downloaded",
        object_type="file",
        object_id=row.id,
        city=row.city,
        application_id=row.application_id,
        data={"by": ticket.by, "purpose": ticket.purpose, "first": start, "last": end},
    )
