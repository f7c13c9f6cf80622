"""A load of HTTP requests that costs the machine little: some connections, each one request after another."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from cli.errors import Refusal


@dataclass(frozen=True, slots=True)
class Target:
    """A POST. `body` makes the bytes of each request; `headers` are added to those that it needs.

    `status`: what every answer must say.
    """

    url: str
    body: Callable[[], bytes]
    headers: dict[str, str]
    status: int = 200


def per_second(target: Target, *, clients: int, number: int) -> float:
    """Answers a second when so many clients together send so many requests.

    Raises:
        Refusal: an answer has another status, or a connection breaks off.
    """
    return asyncio.run(_run(target, clients, number))


async def _run(target: Target, clients: int, number: int) -> float:
    requests = [_bytes(target) for _ in range(number)]
    began = time.perf_counter()
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(_client(target, requests))
    except* (OSError, asyncio.IncompleteReadError) as broken:
        raise Refusal(f"{target.url} broke off: {broken.exceptions[0]}") from None
    except* Refusal as refused:
        raise Refusal(str(refused.exceptions[0])) from None
    return number / (time.perf_counter() - began)


def _bytes(target: Target) -> bytes:
    parts, body = urlsplit(target.url), target.body()
    headers = {"host": parts.netloc, "content-type": "application/json", **target.headers}
    lines = [f"POST {parts.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


async def _client(target: Target, requests: list[bytes]) -> None:
    parts = urlsplit(target.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 22)
    try:
        while requests:
            writer.write(requests.pop())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            status = int(head[9:12])
            body = await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
            if status != target.status:
                raise Refusal(f"{target.url} answers {status}: {body[:500].decode(errors='replace')}")
    finally:
        writer.close()
        await writer.wait_closed()
