"""A table of people as an import: from rows of cells to units, people, memberships, each with its row."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from intake.people import columns, sheets
from intake.people.columns import BY_FIELD, BY_HEADER, COLUMNS, Column, Part
from intake.people.import_problems import problem
from intake.people.import_schemas import ImportIn, MembershipIn, PersonIn, RowProblem, UnitIn
from intake.people.sheets import FileUnreadable, Formula, Line

_ZONE = ZoneInfo("Asia/Shanghai")
_LARGEST_EXACT = 2**53
_HEADER_WITHIN = 10
_FEWEST_HEADERS = 3
_TEMPLATE_ROWS = 500
_PARTS: tuple[tuple[Part, str, type[BaseModel]], ...] = (
    ("unit", "units", UnitIn),
    ("person", "people", PersonIn),
    ("membership", "memberships", MembershipIn),
)
_NAMES = {("unit", "unit_uscc"): "uscc", ("unit", "unit_name"): "name", ("membership", "ref"): "person_ref"}


_WORDS: dict[str, Mapping[str, Any]] = {
    "flag": columns.FLAGS,
    "role": columns.ROLES,
    "login_kind": columns.LOGIN_KINDS,
}


class _Bad(ValueError):
    """A cell that cannot be read; the argument is the problem's code."""


@dataclass
class Table:
    """A table that was read: the import it makes, the row of each object in it, and what is wrong."""

    body: ImportIn
    rows: dict[str, int] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)

    def locate(self, found: RowProblem) -> RowProblem:
        """A problem of the import, with the row and column of the table it stands in."""
        _, section, index, *rest = found.pointer.split("/")
        part = next(part for part, name, _ in _PARTS if name == section)
        row = self.rows[f"/{section}/{index}"]
        names = {(_NAMES.get((part, one.field)) or one.field): one for one in COLUMNS if part in one.parts}
        column = names.get(rest[0]) if rest else None
        column = column or BY_FIELD["subject" if part == "membership" else "unit_uscc"]
        return found.model_copy(
            update={"pointer": f"/rows/{row}/{column.field}", "row": row, "column": column.zh}
        )


def read(content: bytes, kind: str, city: str, max_rows: int) -> Table:
    """Read a file as an import into one city.

    Raises:
        FileUnreadable: no such file, or no row of known headers in it.
        TooLarge: too many rows, or unpacked too much.
    """
    lines = sheets.read(content, kind, max_rows)
    begin, headers = _headers(lines)
    table = Table(ImportIn())
    found: dict[str, dict[tuple[Any, ...], tuple[int, dict[str, Any]]]] = {name: {} for _, name, _ in _PARTS}
    for line in lines[begin:]:
        values, bad = _values(line, headers)
        table.problems += bad
        if not bad:
            for part, section, _ in _PARTS:
                table.problems += _take(found[section], part, line.number, values)
    _build(table, found, city)
    return table


def _headers(lines: Sequence[Line]) -> tuple[int, dict[int, Column]]:
    """Where the rows begin, and which column stands where. A title may stand above the headers."""
    for index, line in enumerate(lines[:_HEADER_WITHIN]):
        known = {place: BY_HEADER.get(columns.header(cell)) for place, cell in enumerate(line.cells) if cell}
        headers = {place: column for place, column in known.items() if column is not None}
        if len(headers) >= _FEWEST_HEADERS:
            unknown = len(headers) != len(known)
            if unknown or len({column.field for column in headers.values()}) != len(headers):
                raise FileUnreadable("a header is unknown or stands twice", extra={"row": line.number})
            return index + 1, headers
    raise FileUnreadable("no row of known headers; take the template")


def _values(line: Line, headers: dict[int, Column]) -> tuple[dict[str, Any], list[RowProblem]]:
    values: dict[str, Any] = {}
    bad: list[RowProblem] = []
    for place, column in headers.items():
        cell = line.cells[place] if place < len(line.cells) else None
        try:
            value = _value(cell, column)
        except _Bad as error:
            bad.append(_at(line.number, column, str(error)))
            continue
        if value not in (None, "", []):
            values[column.field] = value
    return values, bad


def _value(cell: Any, column: Column) -> Any:
    if isinstance(cell, Formula):
        raise _Bad("formula")
    if column.kind in ("begin", "end"):
        return _instant(cell, ends=column.kind == "end")
    text = _text(cell)
    if column.kind == "text":
        return " ".join(text.split())
    text = columns.plain(text)
    if column.kind == "list":
        return [one.strip() for one in text.replace(",", ";").replace("、", ";").split(";") if one.strip()]
    if column.kind == "code" or not text:
        return text
    words = _WORDS[column.kind]
    known = words.get(text, words.get(text.casefold()))
    if known is None:
        raise _Bad("invalid")
    return known


def _text(cell: Any) -> str:
    """A cell as text; numbers are whole ones that were typed without making the column text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        if abs(cell) >= _LARGEST_EXACT:
            raise _Bad("number_rounded")
        if cell != int(cell):
            raise _Bad("invalid")
        return str(int(cell))
    if not isinstance(cell, str):
        raise _Bad("invalid")
    return cell


def _instant(cell: Any, *, ends: bool) -> datetime | None:
    """A date is its first instant in China; as an end it includes the day."""
    if not sheets.is_date(cell):
        text = columns.plain(_text(cell))
        if not text:
            return None
        cell = _parsed(re.sub("[年月/.]", "-", text).replace("日", ""))
    if isinstance(cell, datetime):
        if cell.tzinfo is not None or cell.time() != time():
            return cell.replace(tzinfo=cell.tzinfo or _ZONE).astimezone(UTC)
        cell = cell.date()
    day = cell + timedelta(days=1) if ends else cell
    return datetime.combine(day, time(), _ZONE).astimezone(UTC)


def _parsed(text: str) -> date | datetime:
    try:
        if "T" in text or ":" in text:
            return datetime.fromisoformat(text)
        year, month, day = (int(part) for part in text.split("-"))
        return date(year, month, day)
    except ValueError:
        raise _Bad("invalid") from None


def _take(
    found: dict[tuple[Any, ...], tuple[int, dict[str, Any]]], part: Part, row: int, values: dict[str, Any]
) -> Iterable[RowProblem]:
    """Note what a row states of one part; a unit or person that stands above must be stated alike."""
    stated = {
        _NAMES.get((part, column.field), column.field): values[column.field]
        for column in COLUMNS
        if part in column.parts and column.field in values
    }
    own = [one for one in COLUMNS if one.parts == (part,)]
    if part == "membership" and "role" not in values and "subject" not in values:
        return
    if not any(one.field in values for one in own):
        return  # it only names what is known already
    needed = [one for one in COLUMNS if part in one.parts and one.needed]
    needed += [BY_FIELD["unit_uscc"]] if part == "unit" else []
    missing = [_at(row, one, "missing") for one in needed if one.field not in values]
    if missing:
        yield from missing
        return
    key: tuple[Any, ...] = (stated.get("uscc"),) if part == "unit" else (stated.get("ref"),)
    if part == "membership":
        key = (row,)
    before = found.get(key)
    if before is None:
        found[key] = (row, stated)
        return
    for name, value in stated.items():
        if before[1].setdefault(name, value) != value:
            column = next(one for one in COLUMNS if _NAMES.get((part, one.field), one.field) == name)
            yield _at(row, column, "differs")


def _build(
    table: Table, found: dict[str, dict[tuple[Any, ...], tuple[int, dict[str, Any]]]], city: str
) -> None:
    made: dict[str, list[Any]] = {}
    for part, section, kind in _PARTS:
        made[section] = []
        for row, stated in found[section].values():
            try:
                one = kind.model_validate({"city": city, **stated})
            except ValidationError as error:
                table.problems += _refused(part, row, error)
                continue
            table.rows[f"/{section}/{len(made[section])}"] = row
            made[section].append(one)
    table.body = ImportIn.model_construct(None, **made)
    table.problems.sort(key=lambda one: one.row or 0)


def _refused(part: Part, row: int, error: ValidationError) -> Iterable[RowProblem]:
    for fault in error.errors(include_input=False, include_context=False, include_url=False):
        name = str(fault["loc"][0])
        column = next(
            one for one in COLUMNS if part in one.parts and _NAMES.get((part, one.field), one.field) == name
        )
        yield _at(row, column, "invalid")


def _at(row: int, column: Column, code: str) -> RowProblem:
    words: dict[str, str] = {}
    if code in ("invalid", "missing"):
        begins = {"invalid": ("应为", "takes"), "missing": ("必填", "is needed")}[code]
        words = {
            "zh": f"{column.zh}{begins[0]}：{column.takes_zh}",
            "en": f"{column.en} {begins[1]}: {column.takes_en}",
        }
    return problem(f"/rows/{row}/{column.field}", code, row=row, column=column.zh, **words)


def template(kind: str, lang: str) -> bytes:
    """An empty table with its headers; a workbook says on a second sheet what each column takes."""
    heads = [column.en if lang == "en" else column.zh for column in COLUMNS]
    if kind == "csv":
        return sheets.to_csv([heads])
    said = ("Column", "Takes") if lang == "en" else ("列", "填写说明")
    about = [said] + [
        (column.en, column.takes_en) if lang == "en" else (column.zh, column.takes_zh) for column in COLUMNS
    ]
    titles = ("people", "columns") if lang == "en" else ("人员", "说明")
    return sheets.to_xlsx([(titles[0], [heads]), (titles[1], about)], text_rows=_TEMPLATE_ROWS)
