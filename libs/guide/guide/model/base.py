"""Types that the sections share."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Years of dates and instants: far enough from the calendar's ends for every zone and every `add_years`."""

_INSTANT = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
    r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def parse_instant(text: str) -> datetime:
    """An aware datetime from RFC 3339 text with offset, up to microseconds, in the years 1900 to 2200.

    Raises ValueError otherwise.
    """
    if not _INSTANT.fullmatch(text):
        raise ValueError("an instant is RFC 3339 with an offset, such as 2020-06-28T17:00:00+08:00")
    instant = datetime.fromisoformat(text)
    check_year(instant)
    return instant


def parse_day(text: str) -> date:
    """A date from `YYYY-MM-DD`, in the years 1900 to 2200. Raises ValueError otherwise."""
    if not _DAY.fullmatch(text):
        raise ValueError("a date as YYYY-MM-DD")
    day = date.fromisoformat(text)
    check_year(day)
    return day


def check_year(day: date) -> None:
    """Raises ValueError for a date or an instant outside the years that the calendar arithmetic covers."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"the year lies between {FIRST_YEAR} and {LAST_YEAR}")


def _checked_instant(text: str) -> str:
    parse_instant(text)
    return text


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]{0,79}$")]
FactName = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$|^[a-z][a-z0-9_]*$")
]
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$")]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
InstantText = Annotated[str, AfterValidator(_checked_instant)]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Lines = Annotated[str, StringConstraints(pattern=r"^\d+(-\d+)?$"), Field(description="physical lines")]
Count = Annotated[StrictInt, Field(ge=0)]
Flag = StrictBool


class Bilingual(Section):
    """One text in Chinese and English."""

    zh: Prose
    en: Prose

    def in_(self, lang: str) -> str:
        return self.en if lang == "en" else self.zh
