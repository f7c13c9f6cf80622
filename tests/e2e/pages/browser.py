"""Headless Chromium for which the world is 127.0.0.1, driven through its DevTools pipe.

Every other host name ends in "not found" before a packet leaves. A page records each request that it, its
frames and its workers make, and whatever the browser's console would show as an error.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli import parts

_FLAGS = (
    "--headless",
    "--no-sandbox",  # Chromium refuses to sandbox as root, and the pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-startup-window",
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
    """What became of the last request for one address (that of an earlier one stands in the console)."""

    url: str
    status: int = 0
    failure: str | None = None

    def __str__(self) -> str:
        return f"{self.url} ({self.failure or self.status or 'no answer'})"


@dataclass(slots=True)
class Page:
    """An open page. `asked` (by address) and `errors` grow while it lives."""

    browser: "Browser"
    session: str
    asked: dict[str, Asked] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    _ids: dict[tuple[str, str], Asked] = field(default_factory=dict)
    _idle: set[str] = field(default_factory=set)

    def go(self, url: str) -> None:
        """Open an address, and wait until the network has been quiet for half a second.

        Raises:
            BrowserError: nobody is there, or it was not quiet in time.
        """
        begun = self.call("Page.navigate", url=url)
        if "errorText" in begun:
            raise BrowserError(f"{url}: {begun['errorText']}")
        self.browser.pump(lambda: begun["loaderId"] in self._idle)

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

    def click(self, selector: str) -> None:
        """Click the first element that fits, as soon as there is one."""
        self.until(f"!!document.querySelector({json.dumps(selector)})")
        self.get(f"void document.querySelector({json.dumps(selector)}).click()")

    def write(self, selector: str, text: str) -> None:
        """Put a text in place of what stands in an input or an editor."""
        self.until(f"!!document.querySelector({json.dumps(selector)})")
        self.get(f"document.querySelector({json.dumps(selector)}).focus()")
        self.get("document.execCommand('selectAll')")
        self.call("Input.insertText", text=text)

    def foreign(self, base: str) -> list[str]:
        """Requests to anybody but the server at `base`."""
        own = f"{base}/"
        return [str(one) for one in self.asked.values() if not one.url.startswith((own, *_UNSEEN))]

    def failed(self) -> list[str]:
        """Requests that were not answered, or with an error."""
        seen = [one for one in self.asked.values() if not one.url.startswith(_UNSEEN)]
        return [str(one) for one in seen if one.failure or not 200 <= one.status < 400]

    def screenshot(self, file: Path) -> None:
        """Write what is seen as a PNG file."""
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def record(self, session: str, event: str, params: dict[str, Any]) -> None:
        """Keep what an event of the page, or of a frame or worker of it, tells."""
        if event == "Fetch.requestPaused":
            self._asked(params["request"]["url"], params)
            self.browser.send("Fetch.continueRequest", session, requestId=params["requestId"])
        elif event in ("Network.requestWillBeSent", "Network.webSocketCreated"):
            url = params["request"]["url"] if "request" in params else params["url"]
            self._ids[session, params["requestId"]] = self._asked(url)
        elif event == "Network.responseReceived":
            self._asked(params["response"]["url"], {"responseStatusCode": params["response"]["status"]})
        elif event == "Network.loadingFailed":
            if asked := self._ids.get((session, params["requestId"])):
                asked.failure = params["errorText"] or params.get("blockedReason", "failed")
        elif event == "Page.lifecycleEvent" and params["name"] == "networkIdle":
            self._idle.add(params["loaderId"])
        elif error := _error(event, params):
            self.errors.append(error)

    def _asked(self, url: str, outcome: dict[str, Any] | None = None) -> Asked:
        asked = self.asked.setdefault(url, Asked(url))
        if outcome is not None:
            asked.status = outcome.get("responseStatusCode", 0)
            asked.failure = outcome.get("responseErrorReason")
        return asked


class Browser:
    """A running Chromium. Use `running_browser`."""

    def __init__(self, pid: int, commands: int, answers: int) -> None:
        self.pid, self._commands, self._answers = pid, commands, answers
        self._last, self._rest = 0, b""
        self._messages: deque[dict[str, Any]] = deque()
        self._results: dict[int, dict[str, Any]] = {}
        self._pages: dict[str, Page] = {}  # by session, those of frames and workers included

    @contextmanager
    def page(self) -> Iterator[Page]:
        """An empty page in a browsing context of its own (no cookies, cache or storage of other pages)."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session)
        page.call("Page.setLifecycleEventsEnabled", enabled=True)
        self._watch(session)
        yield page
        self.call("Target.disposeBrowserContext", browserContextId=context)

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """One DevTools command and its result.

        Raises:
            BrowserError: refused, or no answer in time.
        """
        number = self.send(method, session, **params)
        self.pump(lambda: number in self._results)
        answer = self._results.pop(number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def send(self, method: str, session: str | None = None, **params: Any) -> int:
        """One DevTools command, without waiting for its result; its number."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        rest = json.dumps(message).encode() + b"\0"
        while rest:
            rest = rest[os.write(self._commands, rest) :]
        return self._last

    def pump(self, done: Callable[[], object], wait_s: float = _WAIT_S + 5) -> None:
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
        self.send("Browser.close")
        while select.select([self._answers], [], [], _WAIT_S)[0] and os.read(self._answers, _PIECE):
            pass

    def _watch(self, session: str) -> None:
        """Have everything told about a target, and new targets below it stopped at their first line."""
        for domain in ("Network", "Runtime", "Log", "Page"):
            self.send(f"{domain}.enable", session)
        # Network alone misses what a fresh process asks for before it has been told to report
        self.send(
            "Fetch.enable", session, patterns=[{"requestStage": stage} for stage in ("Request", "Response")]
        )
        self.send("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=True, flatten=True)

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._results[message["id"]] = message
            return
        session, params = message.get("sessionId"), message["params"]
        if message["method"] == "Target.attachedToTarget" and session in self._pages:
            child = params["sessionId"]
            self._pages[child] = self._pages[session]
            self._watch(child)
            self.send("Runtime.runIfWaitingForDebugger", child)
        elif session in self._pages:
            self._pages[session].record(session, message["method"], params)


def _error(event: str, params: dict[str, Any]) -> str | None:
    """What the console shows in red."""
    if event == "Runtime.exceptionThrown":
        return json.dumps(params["exceptionDetails"])[:600]
    if event == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
        return " ".join(str(one.get("value", one.get("description"))) for one in params["args"])
    if event == "Log.entryAdded" and params["entry"]["level"] == "error":
        return f"{params['entry']['text']} {params['entry'].get('url', '')}"
    return None


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
        PartMissing: there is no Chromium.
    """
    program = parts.path("chromium")
    command = [
        program,
        *_FLAGS,
        f"--user-data-dir={folder / 'profile'}",
        f"--log-net-log={folder / 'netlog.json'}",
    ]
    (inwards, commands), (answers, outwards) = _pipe(), _pipe()
    with (folder / "chromium.log").open("wb") as log:
        # the pipe's ends must be descriptors 3 and 4 of the child, which subprocess cannot say
        pid = os.posix_spawn(
            program,
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
            shutil.rmtree(folder / "profile", ignore_errors=True)
