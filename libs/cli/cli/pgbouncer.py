"""A PgBouncer in transaction mode before a Postgres, set as the one that is deployed.

The settings come from deploy/docker/pgbouncer/pgbouncer.ini; only the addresses, the list of users and what
an old version does not know differ. As root it runs as an ordinary user, because PgBouncer refuses root.
"""

import configparser
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from cli import ports, postgres, processes, project
from cli.errors import Refusal

_START_S = 10
_LOOK_S = 0.01
_ATTEMPTS = 3
_PREPARES_SINCE = (1, 21)
_SBIN = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin")


@dataclass(frozen=True, slots=True)
class PgBouncer:
    """A running PgBouncer.

    Attributes:
        version: (1, 18) and so on.
    """

    port: int
    version: tuple[int, int]

    @property
    def prepares(self) -> bool:
        """Whether it keeps track of named prepared statements (1.21 and newer)."""
        return self.version >= _PREPARES_SINCE

    def through(self, dsn: str) -> str:
        """The same role, password and database, by way of this PgBouncer."""
        parts = urlsplit(dsn)
        secret, _, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{secret}@{ports.LOOPBACK}:{self.port}"))

    def settings(self, dsn: str) -> dict[str, str]:
        """What a service needs to work behind it: names and values of its settings.

        Args:
            dsn: the service's own URL, straight to Postgres.
        """
        return {
            "database_url": self.through(dsn),
            "database_url_direct": dsn,
            "prepared_statements": str(self.prepares).lower(),
        }


def program() -> str | None:
    """Path of the installed `pgbouncer`; distributions put it where ordinary users do not look."""
    return shutil.which("pgbouncer", path=os.pathsep.join([os.environ.get("PATH", ""), *_SBIN]))


@contextmanager
def running_pgbouncer(server_dsn: str, passwords: Mapping[str, str], **settings: int) -> Iterator[PgBouncer]:
    """Give a PgBouncer before this server for the length of the block.

    Args:
        server_dsn: any URL of the server; only its address counts. All its databases can be reached.
        passwords: role -> password, of every role that may come through.
        settings: PgBouncer's own, in place of the deployed ones (`default_pool_size=2`).

    Raises:
        Refusal: it is not installed, or does not start.
    """
    found = program()
    if found is None:
        raise Refusal("PgBouncer is not installed: make tools.")
    uid = postgres.NOBODY if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="shenbao-pgbouncer-"))
    try:
        version = _version(found)
        _write(folder / "userlist.txt", _users(passwords), uid)
        if uid is not None:
            os.chown(folder, uid, uid)
        for attempt in range(_ATTEMPTS):
            port = ports.free()
            _write(folder / "pgbouncer.ini", _ini(server_dsn, port, folder, version, settings), uid)
            process = _started(found, folder, uid)
            try:
                _wait(process, port, folder)
            except Refusal:
                if attempt + 1 == _ATTEMPTS or "in use" not in _said(folder):
                    raise
                continue  # somebody took the port between the look and the start
            break
        try:
            yield PgBouncer(port, version)
        finally:
            processes.stop(process, ask=signal.SIGINT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _version(found: str) -> tuple[int, int]:
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    match = re.search(r"PgBouncer (\d+)\.(\d+)", said)
    if match is None:
        raise Refusal(f"{found} does not say its version.")
    return int(match[1]), int(match[2])


def _ini(
    server_dsn: str, port: int, folder: Path, version: tuple[int, int], settings: Mapping[str, int]
) -> str:
    deployed = configparser.ConfigParser(interpolation=None, inline_comment_prefixes=None)
    deployed.read(project.root() / "deploy/docker/pgbouncer/pgbouncer.ini", encoding="utf-8")
    own = dict(deployed["pgbouncer"])
    if version < _PREPARES_SINCE:
        del own["max_prepared_statements"]  # an unknown setting ends its start
    own |= {
        "listen_addr": ports.LOOPBACK,
        "listen_port": str(port),
        "auth_file": str(folder / "userlist.txt"),
        **{name: str(value) for name, value in settings.items()},
    }
    server = urlsplit(server_dsn)
    lines = ["[databases]", f"* = host={server.hostname} port={server.port or 5432}", "[pgbouncer]"]
    return "\n".join([*lines, *(f"{name} = {value}" for name, value in own.items()), ""])


def _users(passwords: Mapping[str, str]) -> str:
    quoted = (tuple(word.replace('"', '""') for word in pair) for pair in passwords.items())
    return "".join(f'"{role}" "{password}"\n' for role, password in quoted)


def _write(file: Path, text: str, uid: int | None) -> None:
    project.write_secret(file, text)
    if uid is not None:
        os.chown(file, uid, uid)


def _started(found: str, folder: Path, uid: int | None) -> "subprocess.Popen[bytes]":
    with (folder / "log").open("wb") as log:
        return processes.start(
            [found, str(folder / "pgbouncer.ini")],
            env={"PATH": os.environ.get("PATH", "")},
            cwd=folder,
            output=log,
            uid=uid,
            death_signal=signal.SIGINT,
        )


def _wait(process: "subprocess.Popen[bytes]", port: int, folder: Path) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        if process.poll() is not None:
            raise Refusal(f"PgBouncer ended while starting: {_said(folder)[-1000:].strip()}")
        with socket.socket() as probe:
            if probe.connect_ex((ports.LOOPBACK, port)) == 0 and _listens(folder):
                return
        if time.monotonic() > deadline:
            processes.stop(process)
            raise Refusal(f"PgBouncer was not ready after {_START_S} seconds: {_said(folder)[-1000:]}")
        time.sleep(_LOOK_S)


def _listens(folder: Path) -> bool:
    """It is ours that answers, not somebody who took the port."""
    return "process up" in _said(folder)


def _said(folder: Path) -> str:
    return (folder / "log").read_text(errors="replace")
