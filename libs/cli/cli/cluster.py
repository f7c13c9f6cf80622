"""A PostgreSQL for the runner and the tests: a given one, an installed one, or the one from the wheel.

`DATABASE_URL` comes first, then an installed `postgres`, then the wheel; a setting forces one of them:
`SHENBAO_POSTGRES=url|system|wheel`. One that we start listens on 127.0.0.1 only, on a free port, asks for a
password, ends with us, and runs as an ordinary user when we are root.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli import ports, postgres, processes
from cli.errors import Refusal

CHOICES = ("auto", "url", "system", "wheel")
_START_S = 30
_LEAVE_S = 5
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL.

    Attributes:
        dsn_admin: postgresql:// URL of a role that may create roles, schemas and databases.
        version: major version; 0 where it is not ours and was not asked.
        source: "url", "system" or "wheel".
        server: the one that we started; None where the URL was given.
    """

    dsn_admin: str
    version: int
    source: str
    server: "Server | None" = None


@contextmanager
def running_cluster(
    data: Path | None = None, *, env: Mapping[str, str] | None = None, durable: bool = False
) -> Iterator[Cluster]:
    """Give a PostgreSQL for the length of the block.

    Args:
        data: folder that keeps the data between runs; None: a temporary one, gone afterwards.
        env: where DATABASE_URL and SHENBAO_POSTGRES are read (the process's environment).
        durable: False switches off what protects against a power cut; right for tests and the demo.

    Raises:
        Refusal: there is no PostgreSQL, or it does not start.
    """
    env = os.environ if env is None else env
    choice = env.get("SHENBAO_POSTGRES") or "auto"
    url = env.get("DATABASE_URL")
    if choice not in CHOICES:
        raise Refusal(f"SHENBAO_POSTGRES is {choice!r}; it can be {', '.join(CHOICES)}.")
    if choice == "url" and not url:
        raise Refusal("SHENBAO_POSTGRES=url, but DATABASE_URL is not set.")
    if url and choice in ("auto", "url"):
        yield Cluster(url, 0, "url")
        return
    binaries = postgres.find(choice)
    uid = postgres.NOBODY if os.geteuid() == 0 else None
    scratch = Path(tempfile.mkdtemp(prefix="shenbao-pg-"))
    try:
        scratch.chmod(0o711)
        binaries = postgres.within_reach(binaries, uid, scratch)
        with Server(binaries, data or scratch / "data", scratch, uid, durable) as server:
            yield Cluster(server.dsn, binaries.version, binaries.source, server)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


class Server:
    """One `postgres` in the foreground of a child process."""

    def __init__(
        self, binaries: postgres.Binaries, data: Path, scratch: Path, uid: int | None, durable: bool
    ) -> None:
        self._binaries, self._data, self._scratch, self._uid = binaries, data, scratch, uid
        self._durable = durable
        self._log = scratch / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.dsn, self._port = "", 0

    def __enter__(self) -> "Server":
        self._refuse_foreign_data()
        if not (self._data / "PG_VERSION").exists():
            self._initdb()
        password = (self._data / "shenbao_password").read_text()
        for attempt in range(_ATTEMPTS):
            port = ports.free()
            try:
                self._start(port)
            except Refusal:
                if attempt + 1 == _ATTEMPTS or "could not bind" not in self._said():
                    raise
                continue  # somebody took the port between the look and the start
            self.dsn, self._port = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres", port
            break
        return self

    def __exit__(self, *exc: object) -> None:
        if self._process is not None:
            processes.stop(self._process, ask=signal.SIGINT)

    def kill(self) -> None:
        """End it by kill -9, all its processes at once, as when its machine loses power."""
        if self._process is not None:
            processes.kill_all(self._process)

    def start_again(self) -> None:
        """Start it after `kill`, on the same data and port; it recovers first.

        Raises:
            Refusal: it does not start.
        """
        self._start(self._port)

    def _refuse_foreign_data(self) -> None:
        version_file = self._data / "PG_VERSION"
        made_by = version_file.read_text().strip() if version_file.exists() else None
        if made_by not in (None, str(self._binaries.version)):
            raise Refusal(
                f"{self._data} was made by PostgreSQL {made_by}, but the one found is "
                f"{self._binaries.version}: remove the folder or set SHENBAO_POSTGRES."
            )
        deadline = time.monotonic() + _LEAVE_S
        while self._in_use():
            if time.monotonic() > deadline:
                raise Refusal(f"Another runner is using {self._data}: stop it first.")
            time.sleep(0.05)  # its runner was killed and it is shutting down

    def _in_use(self) -> bool:
        """A postgres that has gone takes its pid file along; one that was killed leaves it behind."""
        try:
            pid = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return False
        return "postgres" in processes.name_of(pid)

    def _initdb(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True)
        password_file = self._scratch / "password"
        password_file.write_text(secrets.token_urlsafe(24))
        for path in (self._data, password_file):
            path.chmod(0o700 if path.is_dir() else 0o600)
            if self._uid is not None:
                os.chown(path, self._uid, self._uid)
        locale = "C.UTF-8" if sys.platform == "linux" else "C"
        command = [str(self._binaries.bin / "initdb"), f"--pgdata={self._data}", "--username=postgres"]
        command += ["--auth=scram-sha-256", f"--pwfile={password_file}"]
        command += [f"--locale={locale}", "--encoding=UTF8", "--no-sync", "--no-instructions"]
        with self._log.open("wb") as log:
            process = processes.start(
                command, env=_plain_environment(), cwd=self._scratch, output=log, uid=self._uid
            )
            if process.wait() != 0:
                raise Refusal(f"PostgreSQL could not set up {self._data}: {self._last_words()}")
        shutil.move(password_file, self._data / "shenbao_password")

    def _start(self, port: int) -> None:
        options = {**_OPTIONS, **({} if self._durable else _QUICK)}
        command = [str(self._binaries.bin / "postgres"), "-D", str(self._data), "-p", str(port)]
        command += [f"--{name}={value}" for name, value in options.items()]
        (self._data / "postmaster.pid").unlink(missing_ok=True)  # checked above: nobody lives there
        with self._log.open("wb") as log:
            self._process = processes.start(
                command,
                env=_plain_environment(),
                cwd=self._scratch,
                output=log,
                uid=self._uid,
                death_signal=signal.SIGINT,
            )
        deadline = time.monotonic() + _START_S
        while not self._ready():
            if self._process.poll() is not None:
                raise Refusal(f"PostgreSQL ended while starting: {self._last_words()}")
            if time.monotonic() > deadline:
                processes.stop(self._process, ask=signal.SIGQUIT)
                raise Refusal(f"PostgreSQL was not ready after {_START_S} seconds: {self._last_words()}")
            time.sleep(0.01)

    def _ready(self) -> bool:
        """postgres writes its state into the eighth line of its pid file; pg_ctl looks there too."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _said(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _last_words(self) -> str:
        lines = [line for line in self._said().splitlines() if line.strip()]
        loud = [line for line in lines if "FATAL" in line or "error" in line.lower()]
        return (loud or lines or ["it said nothing"])[-1]


def _plain_environment() -> dict[str, str]:
    """Without the caller's PG* and LANG, which would change how postgres behaves."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
