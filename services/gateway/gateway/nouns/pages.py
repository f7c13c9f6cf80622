"""Connections over lists of services (forward, by their cursors) and over lists at hand (both ways)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from gateway.graph.errors import BadInput
from gateway.graph.loaders import Row
from gateway.nouns.base import Connection, Edge, PageInfo, page_size, read_cursor, write_cursor

T = TypeVar("T")
Read = Callable[[int, str | None], Awaitable[dict[str, Any]]]
MAX_PAGE = 100
_MOST_READS = 3


async def remote(read: Read, make: Callable[[Row], T], first: int, after: str | None) -> Connection[T]:
    """A page of a list that a service keeps.

    A service gives one cursor per page. The cursor of an item holds its page's cursor and the item's id, so
    that reading on after any item neither repeats nor skips rows when newer ones were added in front.

    Args:
        read: (size, the service's cursor) → `{"items": [...], "next_cursor": …}`.
    """
    page_size(first)
    position: Row = read_cursor(after, "page") if after else {"page": None}
    page, passed, count = position["page"], position.get("id"), position.get("n", 0)
    if not isinstance(count, int) or count < 0:
        raise BadInput("the cursor cannot be read")
    found: list[Edge[T]] = []
    onward: str | None = None
    for _ in range(_MOST_READS):
        answer = await read(min(MAX_PAGE, first + count), page)
        items: list[Row] = answer["items"]
        for index in range(_begin(items, passed, count), len(items)):
            cursor = write_cursor({"page": page, "id": str(items[index]["id"]), "n": index + 1})
            found.append(Edge(node=make(items[index]), cursor=cursor))
        onward = answer.get("next_cursor")
        if len(found) >= first or onward is None:
            break
        page, passed, count = onward, None, 0
    edges = found[:first]
    if edges and onward is not None and len(edges) == len(found):
        edges[-1].cursor = write_cursor({"page": onward})
    return _connection(edges, more=onward is not None or len(found) > first, before=after is not None)


def _begin(items: list[Row], passed: str | None, count: int) -> int:
    """Where to go on after the row that a cursor names; by its old place when it is gone."""
    if passed is None:
        return 0
    places = (index + 1 for index, row in enumerate(items) if str(row["id"]) == passed)
    return next(places, count)


def local(
    items: Sequence[T],
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Connection[T]:
    """A page of a list that is at hand and keeps its order.

    Raises:
        BadInput: a cursor of another list, or sizes out of range.
    """
    begin = _place(after) + 1 if after else 0
    end = min(len(items), _place(before)) if before else len(items)
    if first is not None:
        end = min(end, begin + page_size(first))
    if last is not None:
        begin = max(begin, end - page_size(last))
    edges = [Edge(node=items[index], cursor=write_cursor({"at": index})) for index in range(begin, end)]
    return _connection(edges, more=end < len(items), before=begin > 0)


def _place(cursor: str) -> int:
    place = read_cursor(cursor, "at")["at"]
    if not isinstance(place, int) or place < 0:
        raise BadInput("the cursor cannot be read")
    return place


def _connection(edges: list[Edge[T]], *, more: bool, before: bool) -> Connection[T]:
    return Connection(
        edges=edges,
        nodes=[edge.node for edge in edges],
        page_info=PageInfo(
            has_next_page=more,
            has_previous_page=before,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )
