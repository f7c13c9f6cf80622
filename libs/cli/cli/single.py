"""All services in one process: one event loop, one server per app, calls straight into the other apps.

    python -m cli.single intake=intake.app:create_app@8001 quota=quota.app:create_app@8003 …

Each app is made and served in a context of its own, so that what it binds to its logs stays its own. uvicorn
enters each app's lifespan.
"""

import contextvars
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import uvloop
from fastapi import FastAPI

from cli.house import GRACE_S
from cli.ports import LOOPBACK
from common import serving
from common.client import ServiceClient
from common.inprocess import InProcessClient
from common.serving import Server
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


class Process:
    """The apps of one process, each with a server of its own."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._apps: dict[str, FastAPI] = {}

    async def serve(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        contexts = {part.name: contextvars.copy_context() for part in self._parts}
        for part in self._parts:
            self._apps[part.name] = contexts[part.name].run(self._build, part)
        await serving.serve([self._server(part, contexts[part.name]) for part in self._parts])

    def _server(self, part: Part, context: contextvars.Context) -> Server:
        return Server(self._apps[part.name], context, host=LOOPBACK, port=part.port, grace_s=GRACE_S)

    def _build(self, part: Part) -> FastAPI:
        settings_class = importlib.import_module(f"{part.name}.settings").Settings
        settings: CommonSettings = settings_class()
        client: ServiceClient = InProcessClient(settings, self._apps.get)
        return serving.factory(part.factory)(settings, client=client)


def main(arguments: Sequence[str]) -> None:
    """Command line: one `name=factory@port` per service."""
    uvloop.run(Process([Part.parse(text) for text in arguments]).serve())


if __name__ == "__main__":
    main(sys.argv[1:])
