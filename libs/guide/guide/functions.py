"""Functions that expressions may call beside CEL's own; pure, exact, deterministic.

Dates are `YYYY-MM-DD` strings (they compare as text), instants are CEL timestamps, money is integer yuan,
decimals are texts that compare by `at_least`.
"""

import calendar
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
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


def year(day: str) -> int:
    return date.fromisoformat(day).year


def age_at(birth: str, day: str) -> int:
    """Completed years; a birthday counts on its day, that of 29 February on 28 February."""
    born = date.fromisoformat(birth).year
    now = date.fromisoformat(day).year
    return now - born - (add_years(birth, now - born) > day)


def at_least(value: str, bound: str) -> bool:
    """Whether one decimal is not below another, exactly."""
    return Decimal(value) >= Decimal(bound)


def short_of(value: str, bound: str) -> str:
    """How much a decimal lacks to another, as a decimal without needless zeros."""
    return f"{(Decimal(bound) - Decimal(value)).normalize():f}"


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


def foreign(place: str) -> bool:
    """Whether a place is a country (two capital letters); Hong Kong, Macao and Taiwan are none."""
    return len(place) == 2 and place.isalpha() and place.isupper() and place not in {"CN", "HK", "MO", "TW"}


def functions(
    zone: ZoneInfo, places: Mapping[str, str] | None = None
) -> list[tuple[str, str, list[str], Callable[..., Any]]]:
    """(name, result type, parameter types, implementation) for expressions of a call in this zone.

    `places`: codes of counties that had another code before or after, each with the one that stands for both.
    """
    renamed = places or {}

    def same_county(left: str, right: str) -> bool:
        """Whether two codes name the same county; the code of a city never equals a county's."""
        one, other = renamed.get(left, left), renamed.get(right, right)
        return one == other and len(one) == 6 and one.isdigit() and not one.endswith("00")

    def zone_date(instant: datetime) -> str:
        return instant.astimezone(zone).date().isoformat()

    return [
        ("zone_date", "STRING", ["TIMESTAMP"], zone_date),
        ("add_years", "STRING", ["STRING", "INT"], add_years),
        ("year", "INT", ["STRING"], year),
        ("age_at", "INT", ["STRING", "STRING"], age_at),
        ("at_least", "BOOL", ["STRING", "STRING"], at_least),
        ("short_of", "STRING", ["STRING", "STRING"], short_of),
        ("days_between", "INT", ["STRING", "STRING"], days_between),
        ("ms_between", "INT", ["TIMESTAMP", "TIMESTAMP"], ms_between),
        ("norm_equal", "BOOL", ["STRING", "STRING"], norm_equal),
        ("contains_any", "BOOL", ["LIST<STRING>", "LIST<STRING>"], contains_any),
        ("within", "BOOL", ["STRING", "STRING"], within),
        ("same_county", "BOOL", ["STRING", "STRING"], same_county),
        ("foreign", "BOOL", ["STRING"], foreign),
    ]
