"""All services in one process: one event loop, one server per app, calls straight into the other apps.

    python -m cli.single intake=intake.app:create_app@8001 quota=quota.app:create_app@8003 …

Each app is made and served in a context of its own, so that what it binds to its logs stays its own. uvicorn
enters each app's lifespan.
"""

import asyncio
import contextlib
import contextvars
import importlib
import signal
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import uvicorn
import uvloop
from starlette.types import ASGIApp

from cli.ports import LOOPBACK
from common.client import ServiceClient
from common.inprocess import InProcessClient
from common.settings import CommonSettings


@dataclass(frozen=True, slots=True)
class Part:
    """One service of the process: its name, its factory `module:function`, its port."""

    name: str
    factory: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Part":
        """From `quota=quota.app:create_app@8003`."""
        name, _, rest = text.partition("=")
        factory, _, port = rest.rpartition("@")
        return cls(name, factory, int(port))


class _Server(uvicorn.Server):
    """Leaves the signals to us: several servers in one process would take them from each other."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class Process:
    """The apps of one process and their servers."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._apps: dict[str, ASGIApp] = {}
        self._servers: list[_Server] = []

    async def serve(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        contexts = {part.name: contextvars.copy_context() for part in self._parts}
        for part in self._parts:
            self._apps[part.name] = contexts[part.name].run(self._build, part)
        for part in self._parts:
            config = uvicorn.Config(
                self._apps[part.name],
                host=LOOPBACK,
                port=part.port,
                http="httptools",
                access_log=False,
                log_level="warning",
                timeout_graceful_shutdown=5,
            )
            self._servers.append(_Server(config))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leave)
        tasks = [
            asyncio.create_task(server.serve(), context=contexts[part.name])
            for part, server in zip(self._parts, self._servers, strict=True)
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            self._leave()

    def _build(self, part: Part) -> ASGIApp:
        module, _, function = part.factory.partition(":")
        settings_class = importlib.import_module(f"{part.name}.settings").Settings
        settings: CommonSettings = settings_class()
        client: ServiceClient = InProcessClient(settings, self._apps.get)
        app: ASGIApp = getattr(importlib.import_module(module), function)(settings, client=client)
        return app

    def _leave(self) -> None:
        for server in self._servers:
            server.should_exit = True


def main(arguments: Sequence[str]) -> None:
    """Command line: one `name=factory@port` per service."""
    uvloop.run(Process([Part.parse(text) for text in arguments]).serve())


if __name__ == "__main__":
    main(sys.argv[1:])
