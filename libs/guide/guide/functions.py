"""Functions that expressions may call beside CEL's own; pure, exact, deterministic.

Dates are `YYYY-MM-DD` strings (they compare as text), instants are CEL timestamps, money is integer yuan.
"""

import calendar
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_MILLISECOND = timedelta(milliseconds=1)


def add_years(day: str, years: int) -> str:
    """The same calendar day some years on; 29 February becomes 28 February in a common year."""
    start = date.fromisoformat(day)
    year = start.year + years
    if start.month == 2 and start.day == 29 and not calendar.isleap(year):
        start = start.replace(day=28)
    return start.replace(year=year).isoformat()


def days_between(start: str, end: str) -> int:
    """Whole days from start to end; negative if end is earlier."""
    return (date.fromisoformat(end) - date.fromisoformat(start)).days


def ms_between(start: datetime, end: datetime) -> int:
    """Milliseconds from start to end, a begun one counted whole, so that being late is never 0."""
    return -((start - end) // _MILLISECOND)


def normalise(text: str) -> str:
    """NFKC, without white space, case folded: the form in which names and identities are compared."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def norm_equal(left: str, right: str) -> bool:
    return normalise(left) == normalise(right)


def hits(texts: Iterable[str], names: Iterable[str]) -> list[tuple[str, str]]:
    """(name, text) for each name that occurs in a text, both normalised; empty names never occur."""
    wanted = [(name, normalise(name)) for name in names]
    found: list[tuple[str, str]] = []
    for text in texts:
        plain = normalise(text)
        found.extend((name, text) for name, needle in wanted if needle and needle in plain)
    return found


def contains_any(texts: list[str], names: list[str]) -> bool:
    return bool(hits(texts, names))


def within(code: str, area: str) -> bool:
    """Whether a region code (GB/T 2260) lies in an area: city codes by four digits, counties by six."""
    if len(code) != 6 or not code.isdigit():
        return False
    return code[:4] == area[:4] if area.endswith("00") else code == area


def functions(zone: ZoneInfo) -> list[tuple[str, str, list[str], Callable[..., Any]]]:
    """(name, result type, parameter types, implementation) for expressions of a call in this zone."""

    def zone_date(instant: datetime) -> str:
        return instant.astimezone(zone).date().isoformat()

    return [
        ("zone_date", "STRING", ["TIMESTAMP"], zone_date),
        ("add_years", "STRING", ["STRING", "INT"], add_years),
        ("days_between", "INT", ["STRING", "STRING"], days_between),
        ("ms_between", "INT", ["TIMESTAMP", "TIMESTAMP"], ms_between),
        ("norm_equal", "BOOL", ["STRING", "STRING"], norm_equal),
        ("contains_any", "BOOL", ["LIST<STRING>", "LIST<STRING>"], contains_any),
        ("within", "BOOL", ["STRING", "STRING"], within),
    ]
