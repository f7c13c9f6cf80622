"""Lists in pages, by opaque cursors that stay valid while rows are added."""

import base64
import binascii
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel

from common.errors import FieldError, Unprocessable
from common.ids import as_text

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """A page; `next_cursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None = None


class BadCursor(Unprocessable):
    code, title_zh, title_en = "common.bad_cursor", "游标无效", "The cursor is not valid"


def encode_cursor(position: dict[str, Any]) -> str:
    """An opaque cursor for a position (JSON values, UUIDs, datetimes)."""
    return base64.urlsafe_b64encode(orjson.dumps(position, default=as_text)).decode().rstrip("=")


def decode_cursor(cursor: str, *names: str) -> dict[str, Any]:
    """The position of a cursor.

    Args:
        names: keys that must be there.

    Raises:
        BadCursor: not a cursor, or of another list.
    """
    try:
        position = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise BadCursor(errors=[FieldError("/cursor", "cursor", "not a cursor")]) from error
    if not isinstance(position, dict) or any(name not in position for name in names):
        raise BadCursor(errors=[FieldError("/cursor", "cursor", "a cursor of another list")])
    return position


def cursor_id(cursor: str, name: str) -> UUID:
    """The id at which a list that is ordered by ids goes on.

    Raises:
        BadCursor: not a cursor, or of another list.
    """
    try:
        return UUID(str(decode_cursor(cursor, name)[name]))
    except ValueError as error:
        raise BadCursor(errors=[FieldError("/after", "cursor", "not a cursor")]) from error
