"""Reading files into registers: all or nothing, idempotent by content, with the file as provenance."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import FieldError, Unprocessable
from common.ids import new_id
from common.tabular import RowProblem
from eligibility.registers import queries, service
from eligibility.registers.files import Table
from eligibility.registers.kinds import KINDS
from eligibility.registers.models import EntryRevision, RegisterImport
from eligibility.registers.planning import Change, Known, Plan, plan
from eligibility.registers.schemas import ImportCounts, ImportOut, ImportRowOut

FED: Final = "intake"
"""The source under which intake records approved projects; no file may speak in its name."""
_SHOWN: Final = 200


class ImportRefused(Unprocessable):
    code = "eligibility.import_refused"
    title_zh, title_en = "导入内容有误，未作任何更改", "The file has problems; nothing was changed"


@dataclass(frozen=True, slots=True)
class File:
    """A file to read into a city's register.

    Attributes:
        source: whose list it is; entries of other sources are left alone.
        complete_as_of: it is the source's whole list as of this instant; None: it only adds and corrects.
        whole_until: from then until before this instant it is the whole register; None: nobody says so.
    """

    register: str
    city: str
    source: str
    name: str
    content: bytes
    complete_as_of: datetime | None
    whole_until: datetime | None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def check(actor: Actor, file: File) -> None:
    """See, before the file is looked into, that the actor may read it in.

    Raises:
        Forbidden: not the actor's city.
        Unprocessable: the source is reserved, the list is of a day to come, or it is called the whole
            register without being complete, or until before it is.
    """
    service.city_of(actor, file.city)
    if file.source.casefold() == FED:
        raise Unprocessable(errors=[FieldError("/source", "reserved", "intake feeds under this name")])
    if file.complete_as_of is not None and file.complete_as_of > clock.business():
        raise Unprocessable(errors=[FieldError("/complete", "future", "a list of a day to come")])
    if file.whole_until is None:
        return
    if file.complete_as_of is None:
        raise Unprocessable(errors=[FieldError("/whole_until", "needs_complete", "say as of which day")])
    if file.whole_until <= file.complete_as_of:
        raise Unprocessable(errors=[FieldError("/whole_until", "period", "lies before `complete`")])


async def read(session: AsyncSession, actor: Actor, file: File, table: Table, *, dry_run: bool) -> ImportOut:
    """Read a file in. Reading it again, however late, changes nothing and answers with the same import.

    Raises:
        ImportRefused: it has problems, and it is no dry run.
        Unprocessable: a complete list without rows, or earlier than one of the source that is there.
    """
    kind = KINDS[file.register]
    rows = {
        row.entry_id: row for row in await queries.of_source(session, file.city, file.register, file.source)
    }
    before = await queries.same_import(
        session,
        file.city,
        file.register,
        file.source,
        sha256=file.sha256,
        complete_as_of=file.complete_as_of,
        whole_until=file.whole_until,
    )
    if before is not None:
        return _answer(file, _nothing(table), before, dry_run=dry_run)
    await _check_complete(session, file, table)
    known = [
        Known(
            row.entry_id,
            kind.identity(kind.schema.model_validate(row.data)),
            row.data,
            row.valid_from,
            row.valid_to,
        )
        for row in rows.values()
    ]
    made = plan(table.statements, known, file.complete_as_of)
    problems = sorted([*table.problems, *made.problems], key=lambda one: one.row or 0)
    if problems:
        return _refuse(file, problems, dry_run=dry_run)
    if dry_run:
        return _answer(file, made, None, dry_run=True)
    return _answer(file, made, await _write(session, actor, file, made, rows), dry_run=False)


async def _check_complete(session: AsyncSession, file: File, table: Table) -> None:
    if file.complete_as_of is None:
        return
    if not table.statements and not table.problems:
        raise Unprocessable(
            errors=[FieldError("/complete", "empty", "a list without rows would end everything")]
        )
    latest = await queries.latest_complete(session, file.city, file.register, file.source)
    if latest is not None and file.complete_as_of < latest:
        raise Unprocessable(errors=[FieldError("/complete", "superseded", "a later list is there")])


def _nothing(table: Table) -> Plan:
    return Plan(
        [
            Change("unchanged", one.row, None, one.identity, one.data, one.valid_from, one.valid_to)
            for one in table.statements
        ]
    )


def _refuse(file: File, problems: list[RowProblem], *, dry_run: bool) -> ImportOut:
    if dry_run:
        return _answer(file, Plan(problems=problems), None, dry_run=True)
    raise ImportRefused(
        errors=[FieldError(one.pointer, one.code, one.reason) for one in problems[:_SHOWN]],
        extra={"problems": [one.model_dump() for one in problems[:_SHOWN]], "found": len(problems)},
    )


def _answer(file: File, made: Plan, kept: RegisterImport | None, *, dry_run: bool) -> ImportOut:
    return ImportOut(
        import_id=kept.id if kept else None,
        register_name=file.register,
        city=file.city,
        source=file.source,
        file_name=file.name,
        sha256=file.sha256,
        complete_as_of=file.complete_as_of,
        whole_until=file.whole_until,
        dry_run=dry_run,
        counts=ImportCounts(**made.counts()),
        rows=[
            ImportRowOut(
                row=change.row,
                action=change.action,
                about=change.identity,
                entry_id=change.entry.entry_id if change.entry else None,
                valid_from=change.valid_from,
                valid_to=change.valid_to,
            )
            for change in made.changes
            if change.action != "unchanged"
        ],
        problems=made.problems[:_SHOWN],
        found=len(made.problems),
    )


async def _write(
    session: AsyncSession, actor: Actor, file: File, made: Plan, rows: dict[Any, EntryRevision]
) -> RegisterImport:
    kept = RegisterImport(
        id=new_id(),
        city=file.city,
        register=file.register,
        source=file.source,
        file_name=file.name,
        sha256=file.sha256,
        complete_as_of=file.complete_as_of,
        whole_until=file.whole_until,
        counts=made.counts(),
        recorded_at=clock.business(),
        recorded_by=actor.label,
    )
    session.add(kept)
    for change in made.changes:
        if change.action != "unchanged":
            _apply(session, actor, file, change, rows, kept)
    await session.flush()
    await audit.record(
        session,
        actor,
        action="register.imported",
        object_type="register_import",
        object_id=kept.id,
        city=file.city,
        data={"register": file.register, "sha256": file.sha256, **made.counts()},
    )
    return kept


def _apply(
    session: AsyncSession,
    actor: Actor,
    file: File,
    change: Change,
    rows: dict[Any, EntryRevision],
    kept: RegisterImport,
) -> None:
    old = rows[change.entry.entry_id] if change.entry else None
    new = service.revision_of(
        actor,
        file.register,
        file.city,
        old.entry_id if old else new_id(),
        revision=old.revision + 1 if old else 1,
        data=change.data,
        source=file.source,
        valid_from=change.valid_from,
        valid_to=change.valid_to,
        reason=f"import {kept.id}" if old else None,
        import_id=kept.id,
    )
    if old is not None:
        old.superseded_at = new.recorded_at
    session.add(new)
