"""Bodies that a route reads itself: files as they come, and what is longer than the usual limit."""

from fastapi import Request

from common.errors import TooLarge


async def read(request: Request, limit: int) -> bytes:
    """The whole body.

    Args:
        limit: most bytes; reading stops there.

    Raises:
        TooLarge: it is longer.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise TooLarge(extra={"limit": limit})
    return bytes(content)
