"""HTTP of files of register entries, and of looking up what the registers say."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator

from common import bodies, sheets
from common.auth import PublicDep
from common.db import DatabaseDep
from common.errors import NotFound
from eligibility.fields import City, ShortText
from eligibility.registers import files, importing, service
from eligibility.registers.api import READERS, KeeperDep, ReaderDep
from eligibility.registers.asking import RegisterFact
from eligibility.registers.kinds import KINDS
from eligibility.registers.kinds.base import Kind, Question
from eligibility.registers.schemas import EntrySeen, FactSeen, ImportOut, LookupIn, LookupOut
from eligibility.settings import Settings
from guide.model.base import check_year

PATHS = tuple(f"/v1/registers/{name}/import" for name in KINDS)
_ZONE = ZoneInfo("Asia/Shanghai")
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
Form = Literal["csv", "xlsx"]
router = APIRouter(prefix="/v1/registers", tags=["registers"])


class RegisterUnknown(NotFound):
    code = "eligibility.register_unknown"
    title_zh, title_en = "没有这个登记库", "No such register"


def _kind(register: str) -> Kind[Any]:
    kind = KINDS.get(register)
    if kind is None:
        raise RegisterUnknown
    return kind


def _in_reach(day: date) -> date:
    check_year(day)
    return day


Day = Annotated[date, AfterValidator(_in_reach)]
"""A day that can be moved to another zone."""


def get_settings(request: Request) -> Settings:
    """The service's settings."""
    settings: Settings = request.app.state.settings
    return settings


SettingsDep = Annotated[Settings, Depends(get_settings)]


@router.post("/{register}/import", openapi_extra=_BODY)
async def import_file(
    request: Request,
    actor: KeeperDep,
    db: DatabaseDep,
    settings: SettingsDep,
    register: str,
    kind: Form,
    city: Annotated[City, Query(description="the city that keeps the register")],
    source: Annotated[ShortText, Query(description="whose list it is; entries of others are left alone")],
    name: Annotated[ShortText, Query(description="the file's name, for its provenance")],
    complete: Annotated[
        Day | None,
        Query(description="the file is the source's whole list as of this day: what is not in it ends then"),
    ] = None,
    whole_until: Annotated[
        Day | None,
        Query(
            description="the file is the whole register, of whatever source, from `complete` until this day "
            "(included): what is not entered is a no"
        ),
    ] = None,
    dry_run: Annotated[bool, Query(description="check and report only")] = False,
) -> ImportOut:
    """Read entries from a CSV (UTF-8 or GB 18030) or XLSX file, all or nothing: the body is its bytes.

    Problems name row and column. Reading a file again changes nothing, so it needs no idempotency key.
    """
    chosen = _kind(register)
    begins = _first_instant(complete) if complete else None
    ends = _first_instant(whole_until + timedelta(days=1)) if whole_until else None
    importing.check(actor, importing.File(register, city, source, name, b"", begins, ends))
    async with asyncio.timeout(settings.request_timeout_s):
        content = await bodies.read(request, settings.import_max_bytes)
        table = await asyncio.to_thread(files.read, chosen, content, kind, settings.import_max_rows)
        file = importing.File(register, city, source, name, content, begins, ends)
        async with db.write(actor.in_city(city)) as session:
            return await importing.read(session, actor, file, table, dry_run=dry_run)


def _first_instant(day: date) -> datetime:
    return datetime.combine(day, time(), _ZONE).astimezone(UTC)


@router.get("/{register}/template", response_class=Response)
async def template(
    _: PublicDep, register: str, kind: Form = "xlsx", lang: Literal["zh", "en"] = "zh"
) -> Response:
    """An empty table with the register's columns; a workbook's second sheet says what each column takes."""
    content = await asyncio.to_thread(files.template, _kind(register), kind, lang)
    return Response(
        content,
        media_type=sheets.TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{register}-{lang}.{kind}"'},
    )


@router.post("/lookup")
async def look_up(body: LookupIn, database: DatabaseDep, actor: ReaderDep) -> LookupOut:
    """What the registers say of a unit, its people and its project as of an instant, each fact with the
    entries behind it; the same that an assessment would be given."""
    city = service.city_of(actor, body.city, READERS)
    question = Question(body.subjects, body.application_id, body.as_of, body.stated)
    async with database.read(actor.in_city(city)) as session:
        found = await service.facts(session, city, question, body.known_at)
    return LookupOut(city=city, as_of=body.as_of, known_at=body.known_at, items=[_seen(one) for one in found])


def _seen(fact: RegisterFact) -> FactSeen:
    return FactSeen(
        name=fact.name,
        value=fact.value,
        register_name=fact.source.removeprefix("register:"),
        entries=[
            EntrySeen(
                id=row.entry_id,
                revision=row.revision,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                source=row.source,
                recorded_at=row.recorded_at,
                recorded_by=row.recorded_by,
                import_id=row.import_id,
                data=row.data,
            )
            for row in fact.entries
        ],
    )
