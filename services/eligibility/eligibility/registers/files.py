"""A file of entries: from rows of cells to statements of one register; and a template of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from common import sheets, tabular
from common.errors import Unprocessable
from common.tabular import Column, RowProblem
from eligibility.registers.kinds.base import Kind
from eligibility.registers.kinds.columns import PERIOD

WORDS: Final = {
    **tabular.WORDS,
    "overlaps": (
        "与文件中另一行或已有记录（同一对象）时间重叠",
        "overlaps another row of the file, or an entry that is there, about the same",
    ),
}


class FileUnreadable(Unprocessable):
    code = "eligibility.file_unreadable"
    title_zh, title_en = "无法读取该文件", "The file cannot be read"


@dataclass(slots=True)
class Statement:
    """What a row says: an entry's own fields as JSON, what it is about, and from when to when it holds."""

    row: int
    identity: str
    data: dict[str, Any]
    valid_from: datetime
    valid_to: datetime | None


@dataclass(slots=True)
class Table:
    """A file that was read: its statements, and what is wrong with its rows."""

    statements: list[Statement] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


def columns(kind: Kind[Any]) -> tuple[Column, ...]:
    """A register's columns: its own, then beginning and end."""
    return (*kind.columns, *PERIOD)


def read(kind: Kind[Any], content: bytes, form: str, max_rows: int) -> Table:
    """Read a file of entries.

    Args:
        form: csv (UTF-8 with or without a mark, or GB 18030) or xlsx.

    Raises:
        FileUnreadable: no such file, or no row of known headers in it.
        TooLarge: too many rows, or unpacked too much.
    """
    known = columns(kind)
    needed = {one.field for one in known if one.needed}
    try:
        lines = sheets.read(content, form, max_rows)
        # a title above the headers has one cell; two known headers make a row of headers
        begin, found = tabular.headers(lines, known, 2)
    except sheets.Unreadable as error:
        raise FileUnreadable(str(error), extra={} if error.row is None else {"row": error.row}) from error
    absent = needed - {column.field for column in found.values()}
    if absent:
        names = [one.zh for one in known if one.field in absent]
        raise FileUnreadable("columns are missing; take the template", extra={"columns": names})
    table = Table()
    for line in lines[begin:]:
        stated, bad = tabular.values(line, found)
        spoilt = {one.pointer.rpartition("/")[2] for one in bad}
        bad += [
            tabular.at(line.number, one, "missing")
            for one in known
            if one.needed and one.field not in stated and one.field not in spoilt
        ]
        table.problems += bad
        if not bad:
            _take(table, kind, line.number, stated)
    return table


def _take(table: Table, kind: Kind[Any], row: int, stated: dict[str, Any]) -> None:
    begins: datetime = stated.pop("valid_from")
    ends: datetime | None = stated.pop("valid_to", None)
    try:
        entry = kind.schema.model_validate(kind.from_row(stated))
    except ValidationError as error:
        table.problems += _refused(kind, row, error)
        return
    if ends is not None and ends <= begins:
        table.problems.append(tabular.at(row, PERIOD[1], "period", WORDS))
        return
    data = entry.model_dump(mode="json")
    table.statements.append(Statement(row, kind.identity(entry), data, begins, ends))


def _refused(kind: Kind[Any], row: int, error: ValidationError) -> list[RowProblem]:
    found: dict[str, RowProblem] = {}
    by_field = {one.field: one for one in kind.columns}
    for fault in error.errors(include_input=False, include_context=False, include_url=False):
        place = [by_field[str(part)] for part in fault["loc"] if str(part) in by_field]
        column = place[-1] if place else kind.columns[0]
        found.setdefault(column.field, tabular.at(row, column, "invalid"))
    return list(found.values())


def template(kind: Kind[Any], form: str, lang: str) -> bytes:
    """An empty table with the register's headers; a workbook says on a second sheet what each takes."""
    return tabular.template(form, lang, columns(kind), kind.title)
