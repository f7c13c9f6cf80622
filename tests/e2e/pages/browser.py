"""Headless Chromium for which the world is 127.0.0.1, driven through its DevTools pipe.

Every other host name ends in "not found" before a packet leaves. A page records each request that it, its frames
and its workers make, and whatever the browser's console would show as an error.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",  # Chromium refuses to sandbox as root, and the pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--disable-features=MediaRouter,OptimizationHints,Translate",
    "--password-store=basic",
    "--use-mock-keychain",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--window-size=1400,900",
    "--remote-debugging-pipe",
)
_WAIT_S = 30
_PIECE = 1 << 20
_UNSEEN = ("data:", "blob:", "about:")  # come from the page itself


class BrowserError(Exception):
    """The browser ended, refused a command or did not answer in time."""


@dataclass(slots=True)
class Asked:
    """One request of a page."""

    url: str
    status: int | None = None
    failure: str | None = None

    def __str__(self) -> str:
        return f"{self.url} ({self.failure or self.status})"


@dataclass(slots=True)
class Page:
    """An open page. `asked` and `errors` grow while it lives."""

    browser: "Browser"
    session: str
    asked: list[Asked] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _open: dict[tuple[str, str], Asked] = field(default_factory=dict)
    _idle: set[str] = field(default_factory=set)

    def go(self, url: str) -> None:
        """Open an address, and wait until the network has been quiet for half a second."""
        loader = self.call("Page.navigate", url=url)["loaderId"]
        self.browser.pump(lambda: loader in self._idle)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One DevTools command."""
        return self.browser.call(method, self.session, **params)

    def get(self, expression: str) -> Any:
        """What a JavaScript expression gives (a promise is awaited), as JSON.

        Raises:
            BrowserError: the expression throws.
        """
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise BrowserError(f"{expression}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def until(self, expression: str, wait_s: float = _WAIT_S) -> Any:
        """The first true value of a JavaScript expression.

        Raises:
            BrowserError: it did not become true in time; the message ends with the page's text.
        """
        found = self.get(
            f"new Promise(done => {{ const end = Date.now() + {wait_s * 1000};"
            f"  const look = () => {{ const found = ({expression});"
            "    if (found || Date.now() > end) done(found); else setTimeout(look, 50); };"
            "  look(); })"
        )
        if not found:
            text = self.get("document.body.innerText")
            raise BrowserError(f"not in {wait_s} s: {expression}; the page says: {text[:500]!r}")
        return found

    def foreign(self, base: str) -> list[str]:
        """Requests to anybody but the server at `base`."""
        own = f"{base}/"
        return [str(one) for one in self.asked if not one.url.startswith((own, *_UNSEEN))]

    def failed(self) -> list[str]:
        """Requests that were not answered, or with an error."""
        return [str(one) for one in self.asked if one.failure or (one.status or 0) >= 400]

    def screenshot(self, file: Path) -> None:
        """Write what is seen as a PNG file."""
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def record(self, session: str, event: str, params: dict[str, Any]) -> None:
        """Keep what an event of the page, or of a frame or worker of it, tells."""
        asked = self._open.get((session, str(params.get("requestId"))))
        if event in ("Network.requestWillBeSent", "Network.webSocketCreated"):
            if asked and "redirectResponse" in params:
                asked.status = params["redirectResponse"]["status"]
            asked = Asked(params["request"]["url"] if "request" in params else params["url"])
            self._open[session, params["requestId"]] = asked
            self.asked.append(asked)
        elif event == "Network.responseReceived" and asked:
            asked.status = params["response"]["status"]
        elif event == "Network.loadingFailed" and asked:
            asked.failure = params["errorText"] or params.get("blockedReason", "failed")
        elif event == "Page.lifecycleEvent" and params["name"] == "networkIdle":
            self._idle.add(params["loaderId"])
        elif error := _error(event, params):
            self.errors.append(error)


class Browser:
    """A running Chromium. Use `running_browser`."""

    def __init__(self, pid: int, commands: int, answers: int) -> None:
        self.pid, self._commands, self._answers = pid, commands, answers
        self._last, self._rest = 0, b""
        self._messages: deque[dict[str, Any]] = deque()
        self._results: dict[int, dict[str, Any]] = {}
        self._pages: dict[str, Page] = {}  # by session, those of frames and workers included
        self._fresh: str | None = None
        self._watch(None)

    @contextmanager
    def page(self) -> Iterator[Page]:
        """An empty page in a browsing context of its own (no cookies, cache or storage of other pages)."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        self._fresh = None
        self.call("Target.createTarget", url="about:blank", browserContextId=context)
        self.pump(lambda: self._fresh is not None)
        yield self._pages[str(self._fresh)]
        self.call("Target.disposeBrowserContext", browserContextId=context)

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """One DevTools command and its result.

        Raises:
            BrowserError: refused, or no answer in time.
        """
        number = self._send(method, session, params)
        self.pump(lambda: number in self._results)
        answer = self._results.pop(number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def pump(self, done: Any, wait_s: float = _WAIT_S + 5) -> None:
        """Take in what the browser says until `done()`.

        Raises:
            BrowserError: it did not come about in time, or the browser has ended.
        """
        deadline = time.monotonic() + wait_s
        while not done():
            if self._messages:
                self._take(self._messages.popleft())
                continue
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._answers], [], [], left)[0]:
                raise BrowserError(f"the browser was silent for {wait_s} s")
            piece = os.read(self._answers, _PIECE)
            if not piece:
                raise BrowserError("the browser has ended")
            *whole, self._rest = (self._rest + piece).split(b"\0")
            self._messages.extend(json.loads(message) for message in whole)

    def close(self) -> None:
        """End the browser in order, so that it writes its log to the end."""
        self._send("Browser.close", None, {})
        while select.select([self._answers], [], [], _WAIT_S)[0] and os.read(self._answers, _PIECE):
            pass

    def _send(self, method: str, session: str | None, params: dict[str, Any]) -> int:
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        rest = json.dumps(message).encode() + b"\0"
        while rest:
            rest = rest[os.write(self._commands, rest) :]
        return self._last

    def _watch(self, session: str | None) -> None:
        """Stop every new target below this one at its first line, so that no request is missed."""
        self._send(
            "Target.setAutoAttach",
            session,
            {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True},
        )

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._results[message["id"]] = message
            return
        session, params = message.get("sessionId"), message["params"]
        if message["method"] == "Target.attachedToTarget":
            self._attached(session, params)
        elif session in self._pages:
            self._pages[session].record(session, message["method"], params)

    def _attached(self, parent: str | None, params: dict[str, Any]) -> None:
        session, kind = params["sessionId"], params["targetInfo"]["type"]
        if parent in self._pages:
            self._pages[session] = self._pages[parent]
        elif kind == "page":
            self._pages[session] = Page(self, session)
            self._fresh = session
            self._send("Page.setLifecycleEventsEnabled", session, {"enabled": True})
        for command in ("Network.enable", "Runtime.enable", "Log.enable", "Page.enable"):
            self._send(command, session, {})
        self._watch(session)
        self._send("Runtime.runIfWaitingForDebugger", session, {})


def _error(event: str, params: dict[str, Any]) -> str | None:
    """What the console shows in red."""
    if event == "Runtime.exceptionThrown":
        return json.dumps(params["exceptionDetails"])[:600]
    if event == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
        return " ".join(str(one.get("value", one.get("description"))) for one in params["args"])
    if event == "Log.entryAdded" and params["entry"]["level"] == "error":
        return f"{params['entry']['text']} {params['entry'].get('url', '')}"
    return None


def program() -> str | None:
    """Where Chromium is, if it is."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def _pipe() -> tuple[int, int]:
    """A pipe whose ends do not lie where the child wants its own."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


@contextmanager
def running_browser(folder: Path) -> Iterator[Browser]:
    """A browser with an empty profile; `netlog.json` in the folder holds all that it did on the network.

    Raises:
        BrowserError: there is no Chromium.
    """
    found = program()
    if found is None:
        raise BrowserError("no Chromium")
    command = [
        found,
        *_FLAGS,
        f"--user-data-dir={folder / 'profile'}",
        f"--log-net-log={folder / 'netlog.json'}",
    ]
    (inwards, commands), (answers, outwards) = _pipe(), _pipe()
    with (folder / "chromium.log").open("wb") as log:
        # the pipe's ends must be descriptors 3 and 4 of the child, which subprocess cannot say
        pid = os.posix_spawn(
            found,
            command,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
                (os.POSIX_SPAWN_DUP2, inwards, 3),
                (os.POSIX_SPAWN_DUP2, outwards, 4),
            ],
            setpgroup=0,
        )
    os.close(inwards)
    os.close(outwards)
    browser = Browser(pid, commands, answers)
    try:
        yield browser
    finally:
        try:
            browser.close()
        finally:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(commands)
            os.close(answers)
