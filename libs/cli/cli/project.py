"""Where the project lies, and what the runner keeps there."""

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.errors import Refusal
from cli.postgres import NOBODY, can_reach


def root() -> Path:
    """The checkout: SHENBAO_ROOT, or the folder above this file that holds deploy/sql/roles.sql.

    Raises:
        Refusal: neither leads to a checkout.
    """
    given = os.environ.get("SHENBAO_ROOT")
    starts = [Path(given)] if given else [*Path(__file__).resolve().parents, Path.cwd(), *Path.cwd().parents]
    for folder in starts:
        if (folder / "deploy" / "sql" / "roles.sql").is_file():
            return folder.resolve()
    raise Refusal("This is no checkout of the project: deploy/sql/roles.sql is missing (set SHENBAO_ROOT).")


@dataclass(frozen=True, slots=True)
class RunDir:
    """The runner's state: keys, passwords, ports, clock, logs, files, and Postgres' data."""

    path: Path

    @classmethod
    def of_project(cls) -> "RunDir":
        """SHENBAO_RUN_DIR, or .run in the checkout; made when missing."""
        given = os.environ.get("SHENBAO_RUN_DIR")
        return cls(Path(given).resolve() if given else root() / ".run").made()

    def made(self) -> "RunDir":
        for folder in (self.path, self.logs, self.files):
            folder.mkdir(parents=True, exist_ok=True)
        self.keys.mkdir(mode=0o700, exist_ok=True)
        return self

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def files(self) -> Path:
        return self.path / "files"

    @property
    def clock(self) -> Path:
        return self.path / "clock.json"

    @property
    def ports(self) -> Path:
        return self.path / "ports.json"

    def running(self) -> dict[str, Any]:
        """What the running runner wrote about itself: `services` (urls), `admin_dsn`, `dsns`.

        Raises:
            Refusal: nothing is running.
        """
        try:
            with self.alone():
                self.ports.unlink(missing_ok=True)  # left behind by one that was killed
        except Refusal:
            if self.ports.exists():
                found: dict[str, Any] = json.loads(self.ports.read_text())
                return found
        raise Refusal("Nothing is running here: start it with `make up`.")

    def is_running(self) -> bool:
        """Does a runner use this folder now?"""
        try:
            self.running()
        except Refusal:
            return False
        return True

    def postgres_data(self) -> Path:
        """Folder for Postgres' data, kept between runs.

        As root Postgres runs as another user: where that one cannot come in (a checkout in a 0700 home), the
        data lies in a temporary folder whose name is remembered in pg.path.
        """
        if os.geteuid() != 0 or can_reach(self.path, NOBODY):
            return self.path / "pg"
        remembered = self.path / "pg.path"
        if remembered.exists() and Path(remembered.read_text()).is_dir():
            return Path(remembered.read_text()) / "data"
        folder = Path(tempfile.mkdtemp(prefix="shenbao-data-"))
        folder.chmod(0o711)
        remembered.write_text(str(folder))
        return folder / "data"

    def passwords(self, names: list[str]) -> dict[str, str]:
        """One password per database role; made once, then kept."""
        file = self.keys / "passwords.json"
        known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        if any(name not in known for name in names):
            known = {name: secrets.token_urlsafe(24) for name in names} | known
            write_secret(file, json.dumps(known))
        return {name: known[name] for name in names}

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder for this process; the lock goes with the process, however it ends.

        Raises:
            Refusal: another runner has it.
        """
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refusal(f"Another runner is at work in {self.path}: stop it first.") from None
            yield


def write_secret(file: Path, text: str) -> None:
    """Write a file that only its owner can read; atomic."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    fresh.replace(file)
