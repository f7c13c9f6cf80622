"""Two lists in the order of the same key, walked side by side; neither is kept in memory."""

from collections.abc import AsyncIterator, Callable
from typing import Any

Item = dict[str, Any]


async def paired(
    left: AsyncIterator[Item], right: AsyncIterator[Item], key: Callable[[Item], str]
) -> AsyncIterator[tuple[Item | None, Item | None]]:
    """(left, right) with the same key; None where one of them has none.

    Args:
        key: by which both are in ascending order; ids as text are in the order of their bytes.
    """
    one, other = await anext(left, None), await anext(right, None)
    while one is not None or other is not None:
        if other is None or (one is not None and key(one) < key(other)):
            yield one, None
            one = await anext(left, None)
        elif one is None or key(other) < key(one):
            yield None, other
            other = await anext(right, None)
        else:
            yield one, other
            one, other = await anext(left, None), await anext(right, None)
