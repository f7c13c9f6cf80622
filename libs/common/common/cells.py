"""One cell of a table that people fill in as a plain value: text, number, decimal, day, instant, word."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from common import sheets
from common.sheets import Formula

_ZONE: Final = ZoneInfo("Asia/Shanghai")
_LARGEST_EXACT: Final = 2**53
_LONGEST_DECIMAL: Final = 40
_YEARS: Final = range(1900, 2201)
_NO_END: Final = frozenset({"长期", "长期有效", "永久", "永久有效"})
_NO_END_YEAR: Final = 9999  # 9999-12-31, as lists write that something never ends


class BadCell(ValueError):
    """A cell that cannot be read; the argument is the problem's code."""


def plain(text: str) -> str:
    """Full-width letters, digits and spaces as plain ones, without blanks around."""
    return unicodedata.normalize("NFKC", text).strip()


def value(cell: Any, kind: str, words: Mapping[str, Any] | None) -> Any:
    """What a cell says as a column's kind (`tabular.Column`) has it; None, an empty text or list: nothing.

    Args:
        words: of the kind word: what the cell may say -> the value.

    Raises:
        BadCell: it is no such value.
    """
    if isinstance(cell, Formula):
        raise BadCell("formula")
    if kind in ("begin", "end"):
        return _instant(cell, ends=kind == "end")
    if kind == "date":
        return _day(cell)
    if kind == "decimal":
        return _decimal(cell)
    text = _text(cell)
    if kind == "text":
        return " ".join(text.split())
    text = plain(text)
    if kind == "list":
        return [one.strip() for one in text.replace(",", ";").replace("、", ";").split(";") if one.strip()]
    if kind == "code" or not text:
        return text
    return _whole(text) if kind == "int" else _word(text, words or {})


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
    if not number.is_finite() or len(text) > _LONGEST_DECIMAL:
        raise BadCell("invalid")
    # a short text such as 1e999999999 is a number of a billion digits
    if number.adjusted() > _LONGEST_DECIMAL or -int(number.as_tuple().exponent) > _LONGEST_DECIMAL:
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
    if moment is not None:
        _in_reach(moment)
    if isinstance(moment, datetime):
        if moment.tzinfo is not None or moment.time() != time():
            raise BadCell("invalid")
        moment = moment.date()
    return None if moment is None else moment.isoformat()


def _instant(cell: Any, *, ends: bool) -> datetime | None:
    """A date is its first instant in China; as an end it includes the day. None: nothing, or no end."""
    if ends and isinstance(cell, str) and plain(cell) in _NO_END:
        return None
    moment = _moment(cell)
    if moment is None or (ends and moment.year == _NO_END_YEAR):
        return None
    _in_reach(moment)
    if isinstance(moment, datetime):
        if moment.tzinfo is not None or moment.time() != time():
            return moment.replace(tzinfo=moment.tzinfo or _ZONE).astimezone(UTC)
        moment = moment.date()
    day = moment + timedelta(days=1) if ends else moment
    return datetime.combine(day, time(), _ZONE).astimezone(UTC)


def _in_reach(moment: date | datetime) -> None:
    """Dates near the ends of the calendar cannot be moved by a day, nor to another zone."""
    if moment.year not in _YEARS:
        raise BadCell("invalid")


def _parsed(text: str) -> date | datetime:
    try:
        if "T" in text or ":" in text:
            return datetime.fromisoformat(text)
        year, month, day = (int(part) for part in text.split("-"))
        return date(year, month, day)
    except ValueError:
        raise BadCell("invalid") from None
