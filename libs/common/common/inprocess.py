"""Calls straight into another service's app, for the five in one process."""

import asyncio
import contextlib
import contextvars
from collections.abc import Callable

from starlette.types import ASGIApp, Message

from common.answers import Answer
from common.client import Caller
from common.settings import CommonSettings


class InProcessClient(Caller):
    """The same interface as `HttpClient`, without sockets; streams still go over HTTP.

    The callee runs in a task and a context of its own, shielded: a caller that gives up leaves it to finish.

    Args:
        apps: looks up the app of a service; None while it is not there.
    """

    def __init__(self, settings: CommonSettings, apps: Callable[[str], ASGIApp | None]) -> None:
        super().__init__(settings)
        self._apps = apps

    async def _send(
        self,
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Answer:
        app = self._apps(service)
        if app is None:
            raise ConnectionRefusedError(service)
        task = asyncio.create_task(
            _request(app, method, path, headers, body or b""), context=contextvars.Context()
        )
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.shield(task)
        except TimeoutError:
            task.add_done_callback(_discard)
            raise
        except OSError:
            raise
        except Exception as error:
            raise ConnectionError(service) from error  # as a connection that breaks


def _discard(task: "asyncio.Task[Answer]") -> None:
    with contextlib.suppress(asyncio.CancelledError):
        task.exception()


async def _request(app: ASGIApp, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    route, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": route,
        "raw_path": route.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            (name.encode(), value.encode())
            for name, value in {**headers, "host": "internal", "content-length": str(len(body))}.items()
        ],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    sent = False
    done = asyncio.Event()
    status, found, chunks = 0, {}, []

    async def receive() -> Message:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        await done.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status, found
        if message["type"] == "http.response.start":
            status = message["status"]
            found = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                done.set()

    await app(scope, receive, send)
    return Answer(status, found, b"".join(chunks))
