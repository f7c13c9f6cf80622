"""Bytes of a CSV or XLSX file as rows of cells; and a template of each kind.

Nothing in a file is evaluated: a formula is kept apart and refused. What is unpacked is bounded before it is
read, and no external or nested entity is ever resolved.
"""

import csv
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from common.errors import TooLarge

TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MAX_UNPACKED: Final = 33_554_432
_MAX_PARTS = 500
_MAX_COLUMNS = 60
_MAX_MERGED = 5_000
_BLANK_ROWS = 2_000  # formatted but empty, as copied sheets have them
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.I)
_RANGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What zipfile and openpyxl raise on a workbook that is damaged, as tried on one damaged at every place."""
Cell = Any


class Unreadable(ValueError):
    """It is no such file. A service answers with an error of its own.

    Attributes:
        row: where it could not be read on, as the table program numbers it; None: not at all.
    """

    def __init__(self, reason: str, row: int | None = None) -> None:
        super().__init__(reason)
        self.row = row


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that would compute something; what, is not looked at."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row that is not empty: its number as the table program shows it, its cells."""

    number: int
    cells: list[Cell]


def read(content: bytes, kind: str, max_rows: int) -> list[Line]:
    """The rows of a file: text, numbers, dates, Formula, or None for an empty cell.

    Args:
        kind: csv or xlsx.

    Raises:
        Unreadable: it is no such file, or not in UTF-8 or GB 18030.
        TooLarge: more rows, or unpacked more bytes, than allowed.
    """
    lines: list[Line] = []
    for line in _csv(content) if kind == "csv" else _xlsx(content):
        if any(cell not in (None, "") for cell in line.cells):
            lines.append(line)
        # a title and a header may stand above the rows
        if len(lines) > max_rows + 2 or line.number > max_rows + _BLANK_ROWS:
            raise TooLarge("too many rows", extra={"limit": max_rows})
    return lines


# ---------------------------------------------------------------- CSV


def _csv(content: bytes) -> Iterator[Line]:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            yield Line(number, [_from_text(cell) for cell in row[:_MAX_COLUMNS]])
    except csv.Error as error:
        raise Unreadable("not a table of comma-separated values") from error


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROLS.search(text):
            raise Unreadable("the file holds characters that are no text")
        return text
    raise Unreadable("the file is neither in UTF-8 nor in GB 18030")


def _from_text(cell: str) -> Cell:
    """Text as it is; `="123"`, by which programs keep digits as text, is 123; other `=` are formulas."""
    stripped = cell.strip()
    quoted = re.fullmatch(r'="([^"]*)"', stripped)
    if quoted:
        return quoted[1]
    return Formula() if stripped.startswith("=") else _unguarded(cell)


# ---------------------------------------------------------------- XLSX


def _xlsx(content: bytes) -> Iterator[Line]:
    _look_inside(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet: Any = book.worksheets[0]
        above = _merged(content, sheet._worksheet_path)  # not told by read-only sheets
        sheet.reset_dimensions()  # what a file says of its size may be wrong
        open_areas: dict[int, _Area] = {}
        for number, row in enumerate(sheet.iter_rows(max_col=_MAX_COLUMNS), start=1):
            cells = [_from_cell(cell) for cell in row]
            _fill(cells, number, above.get(number, ()), open_areas)
            yield Line(number, cells)
        book.close()
    except Unreadable:
        raise
    except _DAMAGED as error:
        raise Unreadable("not an XLSX workbook") from error


def _look_inside(content: bytes) -> None:
    """Bounds on what unpacks from the file; zipfile never yields more than a part declares."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise TooLarge("the workbook unpacks to too much", extra={"limit": MAX_UNPACKED})
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _refuse_entities(packed, part)
    except Unreadable:
        raise
    except _DAMAGED as error:
        raise Unreadable("not an XLSX workbook") from error


def _refuse_entities(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with packed.open(part) as opened:
        text = opened.read()
    if b"\0" in text or _DOCTYPE.search(text):  # a NUL: UTF-16, in which the words would not be found
        raise Unreadable("the workbook holds what no table needs")


@dataclass(slots=True)
class _Area:
    """A merged area's first column and last row, from 1; what its first cell says, once that is read."""

    left: int
    bottom: int
    value: Cell = None


def _merged(content: bytes, path: str) -> Mapping[int, Sequence[_Area]]:
    """Merged areas of a sheet that reach over several rows, by their first row.

    Raises:
        Unreadable: more of them than any table has.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        raw = packed.read(path.lstrip("/"))
    areas: dict[int, list[_Area]] = defaultdict(list)
    found = list(islice(_RANGE.finditer(raw), _MAX_MERGED + 1))
    if len(found) > _MAX_MERGED:
        raise Unreadable(f"more than {_MAX_MERGED} merged areas")
    for one in found:
        left, top, bottom = _column(one[1]), int(one[2]), int(one[3])
        if top < bottom and left <= _MAX_COLUMNS:
            areas[top].append(_Area(left, bottom))
    return areas


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _fill(cells: list[Cell], number: int, begin: Sequence[_Area], open_areas: dict[int, _Area]) -> None:
    """Give a cell below the first one of a merged area that one's value: a unit is often merged over rows.

    Args:
        begin: areas that begin in this row.
        open_areas: by column, those that began above; at most one stands in a column.
    """
    for left, area in list(open_areas.items()):
        if area.bottom < number:
            del open_areas[left]
            continue
        cells.extend([None] * (left - len(cells)))
        cells[left - 1] = area.value
    for area in begin:
        if area.left <= len(cells):
            area.value = cells[area.left - 1]
        open_areas[area.left] = area


def _from_cell(cell: Any) -> Cell:
    if cell.data_type == "f":
        return Formula()
    if cell.data_type == "e":  # #N/A and its like
        return None
    value = cell.value
    return _unguarded(value) if isinstance(value, str) else value


# ---------------------------------------------------------------- writing


def guarded(value: str) -> str:
    """Text that no table program takes for a formula."""
    return f"'{value}" if value.startswith(_RISKY) else value


def _unguarded(value: str) -> str:
    return value[1:] if value.startswith("'") and value[1:].startswith(_RISKY) else value


def to_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """A CSV file with a byte order mark, without which a Chinese table program takes UTF-8 for GB."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[guarded(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(sheets: Sequence[tuple[str, Sequence[Sequence[str]]]], text_rows: int = 0) -> bytes:
    """A workbook of text cells, the first row of each sheet bold.

    Args:
        text_rows: so many rows of the first sheet are formatted as text, so that long digits stay whole.
    """
    book = Workbook()
    for index, (title, rows) in enumerate(sheets):
        sheet: Any = book.active if index == 0 else book.create_sheet()
        sheet.title = title
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                cell = sheet.cell(number, place, guarded(value))
                cell.data_type = "s"
                cell.font = Font(bold=number == 1)
        for number in range(2, text_rows + 2 if index == 0 else 2):
            for place in range(1, len(rows[0]) + 1):
                sheet.cell(number, place).number_format = "@"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def is_date(cell: Cell) -> bool:
    """Did the table program keep it as a date?"""
    return isinstance(cell, date | datetime)
