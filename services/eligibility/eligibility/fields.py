"""Field types that several subjects' schemas share."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.functional_validators import BeforeValidator
from pydantic_core import PydanticCustomError

from common.clock import parse_instant
from guide.errors import escape
from guide.model.base import FIRST_YEAR, LAST_YEAR, check_year

_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
_DEEPEST: Final = 12
_REASONS: Final = {
    float: "numbers are integers; decimals are strings",
    int: "the number is out of range",
    str: "contains characters that are no text",
}


def _instant(value: Any) -> datetime:
    # pydantic alone would take numbers, dates, and cut a seventh digit off: 17:00:00.0000001 is late
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise PydanticCustomError("instant", "an RFC 3339 instant with offset is expected")
    try:
        return parse_instant(value)
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("instant", "there is no such instant") from error


def _in_reach(value: datetime) -> datetime:
    try:
        check_year(value)
    except ValueError as error:
        raise PydanticCustomError(
            "instant",
            "an instant between the years {first} and {last} is expected",
            {"first": FIRST_YEAR, "last": LAST_YEAR},
        ) from error
    return value


def faults(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """(JSON pointer, reason) of everything in a JSON value that cannot be kept: floats, integers beyond
    64 bits, characters that are no text, and nesting without end."""
    if pointer.count("/") > _DEEPEST:
        yield pointer, "nested too deeply"
    elif isinstance(value, dict):
        for key, item in value.items():
            if _NO_TEXT.search(key):
                yield pointer, _REASONS[str]
            yield from faults(item, f"{pointer}/{escape(key)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from faults(item, f"{pointer}/{index}")
    elif (reason := _scalar_fault(value)) is not None:
        yield pointer, reason


def _scalar_fault(value: Any) -> str | None:
    wrong = (
        isinstance(value, float)
        or (isinstance(value, int) and not -(2**63) <= value < 2**63)
        or (isinstance(value, str) and _NO_TEXT.search(value) is not None)
    )
    return _REASONS[type(value)] if wrong else None


def _checked_json(value: Any) -> Any:
    for pointer, reason in faults(value):
        raise PydanticCustomError(
            "value", "{place}{reason}", {"place": pointer and f"{pointer}: ", "reason": reason}
        )
    return value


def _text(value: str) -> str:
    if _NO_TEXT.search(value):
        raise PydanticCustomError("text", _REASONS[str])
    return unicodedata.normalize("NFC", value).strip()


def _not_empty(value: str) -> str:
    if not value:
        raise PydanticCustomError("text", "must not be empty")
    return value


Instant = Annotated[
    datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""RFC 3339 with offset, up to microseconds; anything else is refused."""

AsOf = Annotated[Instant, AfterValidator(_in_reach)]
"""An instant that something is judged at, in the years that the calendar arithmetic of rules covers."""

JsonValue = Annotated[Any, AfterValidator(_checked_json)]
"""Any JSON without floats, integers of 64 bits, and only text that can be stored."""

Text = Annotated[str, AfterValidator(_text), AfterValidator(_not_empty)]
ShortText = Annotated[str, Field(max_length=255), AfterValidator(_text), AfterValidator(_not_empty)]
LongText = Annotated[str, Field(max_length=4000), AfterValidator(_text), AfterValidator(_not_empty)]
City = Annotated[str, Field(pattern=r"^[0-9]{6}$", description="GB/T 2260 code of the city")]


class Body(BaseModel):
    """A request's body: unknown keys are refused, so that a misspelt one cannot change a verdict unseen."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)


class Ids(Body):
    """Ids of a batch read."""

    ids: Annotated[list[UUID], Field(max_length=200)]


def normal(text: str) -> str:
    """For comparing identities, codes and numbers: NFKC, without white space (vocabulary 10)."""
    return "".join(unicodedata.normalize("NFKC", text).split())
