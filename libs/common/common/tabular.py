"""Columns of a table that people fill in: headers, cells, what is wrong with them, and a template.

What the rows mean is the service's; here a cell becomes a plain value or a problem with row and column.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from common import sheets
from common.sheets import Formula, Line, Unreadable

_ZONE: Final = ZoneInfo("Asia/Shanghai")
_LARGEST_EXACT: Final = 2**53
_HEADER_WITHIN: Final = 10
_TEMPLATE_ROWS: Final = 500

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "twice": ("在文件中重复出现", "stands twice in the file"),
    "period": ("终止时间早于开始时间", "ends before it begins"),
    "missing": ("必填", "a value is needed"),
    "invalid": ("格式或取值不正确", "not a value of this column"),
    "formula": ("不接受公式，请粘贴为数值", "formulas are not taken; paste values"),
    "number_rounded": (
        "长数字以数值保存，末位已丢失；请将该列设为文本后重新填写",
        "a long number was stored as a number and has lost digits; make the column text and enter it again",
    ),
}
"""What can be wrong with a cell: code -> (Chinese, English). Codes are never renamed."""

FLAGS: Final[Mapping[str, bool]] = {
    "是": True, "有": True, "yes": True, "true": True, "y": True, "1": True,
    "否": False, "无": False, "no": False, "false": False, "n": False, "0": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its field, its headers in two languages, and what it takes.

    Attributes:
        kind: text (names, kept as written), code (full-width characters become plain ones), list, word (one
            of `words`), int, decimal (a string), date (an ISO day), begin or end (instants: a day's first
            one in China, as an end the day is included).
        needed: every row must state it.
        words: what the cell may say -> the value.
    """

    field: str
    zh: str
    en: str
    kind: str
    takes_zh: str
    takes_en: str
    needed: bool = False
    words: Mapping[str, Any] | None = None


C = TypeVar("C", bound=Column)


class RowProblem(BaseModel):
    """What is wrong with a row, and where: a pointer (RFC 6901), and in a table its row (as the program
    numbers it) and column. `reason` is the English text."""

    pointer: str
    code: str
    reason: str
    reason_zh: str
    row: int | None = None
    column: str | None = None


class BadCell(ValueError):
    """A cell that cannot be read; the argument is the problem's code."""


def problem(
    pointer: str,
    code: str,
    *,
    words: Mapping[str, tuple[str, str]] = WORDS,
    more: str | None = None,
    zh: str | None = None,
    en: str | None = None,
    row: int | None = None,
    column: str | None = None,
) -> RowProblem:
    """A problem in words; `more` is appended to both languages, `zh` and `en` stand for the usual ones."""
    said = words.get(code, words["invalid"])
    tail = f": {more}" if more else ""
    return RowProblem(
        pointer=pointer,
        code=code,
        reason=(en or said[1]) + tail,
        reason_zh=(zh or said[0]) + tail,
        row=row,
        column=column,
    )


def at(row: int, column: Column, code: str, words: Mapping[str, tuple[str, str]] = WORDS) -> RowProblem:
    """A problem of a cell; where the value is missing or wrong it says what the column takes."""
    said: dict[str, str] = {}
    if code in ("invalid", "missing"):
        begins = {"invalid": ("应为", "takes"), "missing": ("必填", "is needed")}[code]
        said = {
            "zh": f"{column.zh}{begins[0]}：{column.takes_zh}",
            "en": f"{column.en} {begins[1]}: {column.takes_en}",
        }
    return problem(f"/rows/{row}/{column.field}", code, words=words, row=row, column=column.zh, **said)


# ---------------------------------------------------------------- reading


def plain(text: str) -> str:
    """Full-width letters, digits and spaces as plain ones, without blanks around."""
    return unicodedata.normalize("NFKC", text).strip()


def header(text: Any) -> str:
    """A header as it is compared: without blanks, asterisks and case."""
    return "".join(plain(str(text)).casefold().replace("*", "").replace("_", "").split())


def headers(lines: Sequence[Line], columns: Iterable[C], fewest: int) -> tuple[int, dict[int, C]]:
    """Where the rows begin, and which column stands where. A title may stand above the headers.

    Args:
        fewest: so many known headers make a row the row of headers.

    Raises:
        Unreadable: no such row, or a header in it is unknown or stands twice.
    """
    names = {header(name): one for one in columns for name in (one.zh, one.en, one.field)}
    for index, line in enumerate(lines[:_HEADER_WITHIN]):
        known = {place: names.get(header(cell)) for place, cell in enumerate(line.cells) if cell}
        found = {place: column for place, column in known.items() if column is not None}
        if len(found) >= fewest:
            unknown = len(found) != len(known)
            if unknown or len({column.field for column in found.values()}) != len(found):
                raise Unreadable("a header is unknown or stands twice", line.number)
            return index + 1, found
    raise Unreadable("no row of known headers; take the template")


def values(line: Line, found: Mapping[int, Column]) -> tuple[dict[str, Any], list[RowProblem]]:
    """What a row states by field, empty cells left out; and what in it cannot be read."""
    stated: dict[str, Any] = {}
    bad: list[RowProblem] = []
    for place, column in found.items():
        cell = line.cells[place] if place < len(line.cells) else None
        try:
            value = _value(cell, column)
        except BadCell as error:
            bad.append(at(line.number, column, str(error)))
            continue
        if value not in (None, "", []):
            stated[column.field] = value
    return stated, bad


def _value(cell: Any, column: Column) -> Any:
    if isinstance(cell, Formula):
        raise BadCell("formula")
    if column.kind in ("begin", "end"):
        return _instant(cell, ends=column.kind == "end")
    if column.kind == "date":
        return _day(cell)
    if column.kind == "decimal":
        return _decimal(cell)
    text = _text(cell)
    if column.kind == "text":
        return " ".join(text.split())
    text = plain(text)
    if column.kind == "list":
        return [one.strip() for one in text.replace(",", ";").replace("、", ";").split(";") if one.strip()]
    if column.kind == "code" or not text:
        return text
    return _whole(text) if column.kind == "int" else _word(text, column.words or {})


def _word(text: str, words: Mapping[str, Any]) -> Any:
    known = words.get(text, words.get(text.casefold()))
    if known is None:
        raise BadCell("invalid")
    return known


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,15}", text):
        raise BadCell("invalid")
    return int(text)


def _decimal(cell: Any) -> str | None:
    text = (
        plain(str(cell))
        if isinstance(cell, float | int) and not isinstance(cell, bool)
        else plain(_text(cell))
    )
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadCell("invalid") from None
    if not number.is_finite() or len(text) > 40:
        raise BadCell("invalid")
    return format(number, "f")


def _text(cell: Any) -> str:
    """A cell as text; numbers are whole ones that were typed without making the column text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        if abs(cell) >= _LARGEST_EXACT:
            raise BadCell("number_rounded")
        if cell != int(cell):
            raise BadCell("invalid")
        return str(int(cell))
    if not isinstance(cell, str):
        raise BadCell("invalid")
    return cell


def _moment(cell: Any) -> date | datetime | None:
    if sheets.is_date(cell):
        moment: date | datetime = cell
        return moment
    text = plain(_text(cell))
    return _parsed(re.sub("[年月/.]", "-", text).replace("日", "")) if text else None


def _day(cell: Any) -> str | None:
    moment = _moment(cell)
    if isinstance(moment, datetime):
        if moment.tzinfo is not None or moment.time() != time():
            raise BadCell("invalid")
        moment = moment.date()
    return None if moment is None else moment.isoformat()


def _instant(cell: Any, *, ends: bool) -> datetime | None:
    """A date is its first instant in China; as an end it includes the day."""
    moment = _moment(cell)
    if moment is None:
        return None
    if isinstance(moment, datetime):
        if moment.tzinfo is not None or moment.time() != time():
            return moment.replace(tzinfo=moment.tzinfo or _ZONE).astimezone(UTC)
        moment = moment.date()
    day = moment + timedelta(days=1) if ends else moment
    return datetime.combine(day, time(), _ZONE).astimezone(UTC)


def _parsed(text: str) -> date | datetime:
    try:
        if "T" in text or ":" in text:
            return datetime.fromisoformat(text)
        year, month, day = (int(part) for part in text.split("-"))
        return date(year, month, day)
    except ValueError:
        raise BadCell("invalid") from None


# ---------------------------------------------------------------- a template


def template(kind: str, lang: str, columns: Sequence[Column], titles: tuple[str, str]) -> bytes:
    """An empty table with its headers; a workbook says on a second sheet what each column takes.

    Args:
        kind: csv or xlsx.
        titles: of the first sheet, in Chinese and English.
    """
    heads = [column.en if lang == "en" else column.zh for column in columns]
    if kind == "csv":
        return sheets.to_csv([heads])
    said = ("Column", "Takes") if lang == "en" else ("列", "填写说明")
    about = [said] + [
        (column.en, column.takes_en) if lang == "en" else (column.zh, column.takes_zh) for column in columns
    ]
    title, notes = (titles[1], "columns") if lang == "en" else (titles[0], "说明")
    return sheets.to_xlsx([(title, [heads]), (notes, about)], text_rows=_TEMPLATE_ROWS)
