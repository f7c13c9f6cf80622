"""What all nouns share: global ids, the Node interface, connections, scalars."""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Generic, NewType, TypeVar
from uuid import UUID

import orjson
import strawberry
from strawberry import field
from strawberry.types.scalar import ScalarDefinition

from gateway.graph.errors import BadInput
from gateway.wording import d

_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
T = TypeVar("T")
E = TypeVar("E", bound=Enum)

Instant = NewType("Instant", str)
Day = NewType("Day", str)
Money = NewType("Money", int)
Json = NewType("Json", object)


def _instant(value: Any) -> str:
    if not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is None:
        raise ValueError("an instant is RFC 3339 text with an offset")
    return value


def _money(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("money is an integer number of yuan")
    return value


def _scalar(name: str, zh: str, en: str, parse: Any = None) -> ScalarDefinition:
    return strawberry.scalar(
        name=name, description=d(zh, en), serialize=lambda value: value, parse_value=parse or (lambda v: v)
    )


SCALARS: dict[object, ScalarDefinition] = {
    Instant: _scalar("DateTime", "带时区的时刻 (RFC 3339)", "An instant with offset (RFC 3339).", _instant),
    Money: _scalar("Money", "人民币元，整数", "Whole yuan, an integer.", _money),
    Json: _scalar("JSON", "任意 JSON 值", "Any JSON value."),
}


def global_id(kind: str, key: object) -> strawberry.ID:
    """The id of an object across all types: opaque to clients."""
    return strawberry.ID(base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("="))


def split_id(value: str) -> tuple[str, str] | None:
    """Type and key of a global id; None where it is none."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    kind, separator, key = text.partition(":")
    return (kind, key) if separator and kind.isidentifier() and key else None


def key_of(value: str, kind: str) -> str:
    """The key inside a global id of this type. The bare key, as REST and the feed write it, is taken too.

    Raises:
        BadInput: an id of another type, or no id.
    """
    found = split_id(value)
    if found is not None and found[0][:1].isupper():
        if found[0] != kind:
            raise BadInput(f"an id of {kind} is expected")
        return found[1]
    if not value.isprintable() or not 0 < len(value) <= 200:
        raise BadInput(f"an id of {kind} is expected")
    return value


def uuid_of(value: str, kind: str) -> str:
    """As `key_of` for types whose keys are UUIDs.

    Raises:
        BadInput: not such an id.
    """
    try:
        return str(UUID(key_of(value, kind)))
    except ValueError as error:
        raise BadInput(f"an id of {kind} is expected") from error


def uuids_of(values: Sequence[str], kind: str) -> list[str]:
    """As `uuid_of` for several."""
    return [uuid_of(value, kind) for value in values]


def segment(value: str) -> str:
    """A word that goes into the path of a service's address.

    Raises:
        BadInput: it could lead elsewhere.
    """
    if not _SEGMENT.fullmatch(value):
        raise BadInput("letters, digits, and _ . - between them are expected")
    return value


def word(enum: type[E], value: str | None) -> E | None:
    """The enum value of a published word; None stays None."""
    return None if value is None else enum(value)


@strawberry.interface(description=d("有全局编号的对象", "An object with a global id."))
class Node:
    id: strawberry.ID = field(description=d("全局编号", "Global id."))


@strawberry.type(description=d("分页信息", "Where a page stands in its list."))
class PageInfo:
    has_next_page: bool = field(description=d("后面还有", "There is more after this page."))
    has_previous_page: bool = field(description=d("前面还有", "There is more before this page."))
    start_cursor: str | None = field(description=d("本页首项游标", "Cursor of the first item."))
    end_cursor: str | None = field(description=d("本页末项游标", "Cursor of the last item."))


@strawberry.type(description=d("列表中的一项", "One item of a list."))
class Edge(Generic[T]):
    node: T = field(description=d("对象", "The object."))
    cursor: str = field(description=d("游标", "Its cursor."))


@strawberry.type(description=d("分页列表", "A list in pages."))
class Connection(Generic[T]):
    edges: list[Edge[T]] = field(description=d("各项及其游标", "Items with their cursors."))
    nodes: list[T] = field(description=d("各项", "The items alone."))
    page_info: PageInfo = field(description=d("分页信息", "Where the page stands."))


FIRST = d("本页至多几项（1–100）", "At most this many items (1 to 100).")
AFTER = d("从此游标之后", "Only items after this cursor.")
First = Annotated[int, strawberry.argument(description=FIRST)]
After = Annotated[str | None, strawberry.argument(description=AFTER)]
Last = Annotated[
    int | None, strawberry.argument(description=d("末尾至多几项", "At most this many items from the end."))
]
Before = Annotated[
    str | None, strawberry.argument(description=d("到此游标之前", "Only items before this cursor."))
]
IdArgument = Annotated[strawberry.ID, strawberry.argument(description=d("编号", "Id."))]


def write_cursor(position: dict[str, Any]) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


def read_cursor(cursor: str, *names: str) -> dict[str, Any]:
    """The position of a cursor of ours.

    Raises:
        BadInput: it is none.
    """
    try:
        position = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise BadInput("the cursor cannot be read") from error
    if not isinstance(position, dict) or any(name not in position for name in names):
        raise BadInput("the cursor belongs to another list")
    return position


def page_size(first: int) -> int:
    """
    Raises:
        BadInput: not from 1 to 100.
    """
    if not 1 <= first <= 100:
        raise BadInput("first is from 1 to 100")
    return first
