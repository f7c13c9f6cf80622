"""Columns of a table that people fill in: headers, cells, what is wrong with them, and a template.

What the rows mean is the service's; here a cell becomes a plain value or a problem with row and column.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from common import cells, sheets
from common.cells import BadCell, plain
from common.sheets import Line, Unreadable

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
            one in China, as an end the day is included; 长期, 永久 or the year 9999 are no end).
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
            value = cells.value(cell, column.kind, column.words)
        except BadCell as error:
            bad.append(at(line.number, column, str(error)))
            continue
        if value not in (None, "", []):
            stated[column.field] = value
    return stated, bad


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
