"""Serves apps until SIGTERM or SIGINT, and lets them leave without breaking anything off.

python -m common.serving quota.app:create_app --port 8003

1. At the signal `/readyz` says 503, every answer closes its connection, no more jobs are taken. The port
   stays open for `drain_s`, so that nobody who has not noticed runs into a closed one. A second signal cuts
   this short.
2. The port closes. Running requests are answered; those that last longer than the grace are cancelled.
3. Running jobs finish, the pools close, the process ends with 0.
"""

import argparse
import asyncio
import contextlib
import contextvars
import importlib
import signal
import sys
from collections.abc import Callable, Generator, Sequence

import uvicorn
import uvloop
from fastapi import FastAPI

from common.app import drain
from common.log import log

KEEP_ALIVE_S = 75  # longer than a caller keeps a connection that it does not use (httpx 5 s, proxies 60 s)


class Server(uvicorn.Server):
    """uvicorn's server for one app, in a context of its own. It leaves the signals to us: several servers in
    one process would take them from each other.

    Args:
        grace_s: for running requests, once the port is closed.
    """

    def __init__(
        self, app: FastAPI, context: contextvars.Context, *, host: str, port: int, grace_s: int
    ) -> None:
        self.app, self.context = app, context
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                http="httptools",
                access_log=False,
                log_level="warning",
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=grace_s,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class _Leaving:
    """What the signals do: first drain, then close."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self._servers = servers
        self._begun = False

    def ask(self) -> None:
        if self._begun:
            self.close()
            return
        self._begun = True
        for server in self._servers:
            server.context.copy().run(drain, server.app)
        pause = max(server.app.state.settings.drain_s for server in self._servers)
        if pause:
            log.info("service.draining", seconds=pause)
        asyncio.get_running_loop().call_later(pause, self.close)

    def close(self) -> None:
        for server in self._servers:
            server.should_exit = True


async def serve(servers: Sequence[Server]) -> None:
    """Serve until SIGTERM or SIGINT, as told above.

    Raises:
        SystemExit: an app or its port could not be opened.
    """
    leaving, loop = _Leaving(servers), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leaving.ask)
    tasks = [asyncio.create_task(server.serve(), context=server.context) for server in servers]
    try:
        await asyncio.gather(*tasks)
    finally:
        leaving.close()


def factory(name: str) -> Callable[..., FastAPI]:
    """`quota.app:create_app` as the function that it names."""
    module, _, function = name.partition(":")
    found: Callable[..., FastAPI] = getattr(importlib.import_module(module), function)
    return found


async def _serve_one(name: str, host: str, port: int, grace_s: int) -> None:
    context = contextvars.copy_context()
    app = context.run(factory(name))
    await serve([Server(app, context, host=host, port=port, grace_s=grace_s)])


def main(arguments: Sequence[str]) -> None:
    """Command line: one service in this process."""
    parser = argparse.ArgumentParser(prog="python -m common.serving")
    parser.add_argument("app", help="module:function that makes the app")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--grace", type=int, default=32, help="seconds for running requests after the port closed"
    )
    wanted = parser.parse_args(arguments)
    uvloop.run(_serve_one(wanted.app, wanted.host, wanted.port, wanted.grace))


if __name__ == "__main__":
    main(sys.argv[1:])
