"""A proxy before a service that does to its answers what failing services and networks do.

One HTTP/1.1 proxy in a thread of its own; the house's settings point callers to it (`INTAKE_QUOTA_URL`).
Which fault is in force can be changed while it runs.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

_DROPPED = {"connection", "content-length", "transfer-encoding", "date", "server", "keep-alive"}
_TRICKLE_S = 0.05


@dataclass(slots=True)
class Asked:
    """A request on its way. `forward()` sends it to the service, once."""

    handler: BaseHTTPRequestHandler
    path: str
    body: bytes
    number: int
    released: threading.Event
    forward: Callable[[], httpx.Response]


Fault = Callable[[Asked], None]
"""Answers a request, or does not."""


def passes(asked: Asked) -> None:
    """No fault."""
    _answer(asked, asked.forward())


def hangs(asked: Asked) -> None:
    """Nothing is done, nothing is said."""
    asked.released.wait()


def loses_the_answer(asked: Asked) -> None:
    """The work is done, the caller never hears so."""
    asked.forward()
    asked.released.wait()


def hangs_after_the_headers(asked: Asked) -> None:
    answer = asked.forward()
    _head(asked, answer.status_code, dict(answer.headers), len(answer.content))
    asked.released.wait()


def trickles(asked: Asked) -> None:
    """A byte now and then: every read succeeds, the whole takes for ever."""
    answer = asked.forward()
    _head(asked, answer.status_code, dict(answer.headers), len(answer.content))
    for position in range(len(answer.content)):
        asked.handler.wfile.write(answer.content[position : position + 1])
        if asked.released.wait(_TRICKLE_S):
            return


def breaks_off(asked: Asked) -> None:
    """The connection is reset instead of an answer."""
    asked.handler.connection.shutdown(socket.SHUT_RDWR)


def halves_the_json(asked: Asked) -> None:
    answer = asked.forward()
    half = answer.content[: len(answer.content) // 2]
    _head(asked, answer.status_code, dict(answer.headers), len(half))
    asked.handler.wfile.write(half)


def errs_one_time_in_three(asked: Asked) -> None:
    """500 instead of every third answer, in turn before and after the work was done."""
    if asked.number % 3:
        passes(asked)
        return
    if asked.number % 2:
        asked.forward()
    _head(asked, 500, {"content-type": "application/json"}, 2)
    asked.handler.wfile.write(b"{}")


def knows_more(asked: Asked) -> None:
    """A newer service: every object has a field that the caller has not heard of."""
    answer = asked.forward()
    content = json.dumps(_grown(answer.json())).encode() if answer.content else b""
    _head(asked, answer.status_code, dict(answer.headers), len(content))
    asked.handler.wfile.write(content)


def knows_less(asked: Asked) -> None:
    """An older service: what its answers did not have yet is missing, here all but a few words."""
    answer = asked.forward()
    content = json.dumps({"items": []} if "/batch" in asked.path else {"state": "unknown"}).encode()
    _head(asked, answer.status_code, dict(answer.headers), len(content))
    asked.handler.wfile.write(content)


def refuses_new_fields(asked: Asked) -> None:
    """An older service: 422 for a request with a field that it does not know."""
    fault = {"pointer": "/new", "code": "extra_forbidden", "detail": "not permitted"}
    problem = {"code": "common.invalid", "status": 422, "title": "invalid", "errors": [fault]}
    content = json.dumps(problem).encode()
    _head(asked, 422, {"content-type": "application/problem+json"}, len(content))
    asked.handler.wfile.write(content)


def _grown(value: Any) -> Any:
    if isinstance(value, list):
        return [_grown(one) for one in value]
    if isinstance(value, dict):
        return {name: _grown(one) for name, one in value.items()} | {"of_the_next_version": {"x": 1}}
    return value


def _answer(asked: Asked, answer: httpx.Response) -> None:
    _head(asked, answer.status_code, dict(answer.headers), len(answer.content))
    asked.handler.wfile.write(answer.content)


def _head(asked: Asked, status: int, headers: dict[str, str], length: int) -> None:
    asked.handler.send_response_only(status)
    for name, value in headers.items():
        if name.lower() not in _DROPPED:
            asked.handler.send_header(name, value)
    asked.handler.send_header("content-length", str(length))
    asked.handler.end_headers()
    asked.handler.wfile.flush()


@dataclass
class Proxy:
    """One service's proxy. `target` is set once the service has its port."""

    port: int
    target: str = ""
    asked: list[str] = field(default_factory=list)
    _fault: Fault = passes
    _where: str = ""
    _number: int = 0
    _released: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def doing(self, fault: Fault, where: str = "") -> Iterator["Proxy"]:
        """While the block lasts, requests whose path contains `where` meet this fault."""
        with self._lock:
            self._fault, self._where, self._number = fault, where, 0
            self._released, self.asked = threading.Event(), []
        try:
            yield self
        finally:
            with self._lock:
                self._fault, self._where = passes, ""
            self._released.set()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """One request."""
        length = int(handler.headers.get("content-length") or 0)
        body = handler.rfile.read(length)
        with self._lock:
            hit = self._where in handler.path
            fault, released = (self._fault if hit else passes), self._released
            self._number += hit
            number = self._number
            if hit:
                self.asked.append(f"{handler.command} {handler.path}")
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in _DROPPED}

        def forward() -> httpx.Response:
            with httpx.Client(trust_env=False, timeout=60) as http:
                url = self.target + handler.path
                return http.request(handler.command, url, headers=headers, content=body)

        fault(Asked(handler, handler.path, body, number, released, forward))
        if fault is not passes:
            handler.close_connection = True


@contextmanager
def running_proxy() -> Iterator[Proxy]:
    """A proxy on a free port of this machine."""
    found: list[Proxy] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Callable[[], None]:
            """One method for all of HTTP's (`do_GET`, …)."""
            if not name.startswith("do_"):
                raise AttributeError(name)
            return self._pass

        def _pass(self) -> None:
            try:
                found[0].handle(self)
            except OSError:
                self.close_connection = True  # the caller has given up

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Handler) as server:
        found.append(Proxy(server.server_port))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield found[0]
        finally:
            server.shutdown()
            thread.join()
