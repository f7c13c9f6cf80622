"""Running pg_dump and pg_restore. Passwords go through the environment, never on the command line."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from cli.errors import Refusal
from cli.postgres import Binaries

_DATA = re.compile(r"^\d+; \d+ \d+ TABLE DATA (\S+) (\S+) \S+$", re.M)
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "HOME")
_OPTIONS = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


def schemas(service: str) -> tuple[str, str]:
    """The two schemas of a service: its own and its job queue's."""
    return service, f"{service}_jobs"


def dump(programs: Binaries, dsn: str, service: str, snapshot: str, to: Path) -> None:
    """Write a service's schemas, as one snapshot sees them, into one file (custom format).

    Raises:
        Refusal: pg_dump failed; what it said is in the message.
    """
    wanted = [f"--schema={schema}" for schema in schemas(service)]
    options = ["--format=custom", "--no-owner", "--no-privileges", "--no-password", f"--snapshot={snapshot}"]
    _run([programs.bin / "pg_dump", *options, *wanted, f"--file={to}"], dsn)


def restore(programs: Binaries, dsn: str, service: str, file: Path) -> None:
    """Read a dump into a service's empty schemas, as its own role, in one transaction.

    Raises:
        Refusal: pg_restore failed; nothing has changed then.
    """
    # naming the schemas leaves out their CREATE statements: they stand already, and the role may make none
    wanted = [f"--schema={schema}" for schema in schemas(service)]
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"]
    name = unquote(urlsplit(dsn).path.lstrip("/"))
    _run([programs.bin / "pg_restore", *options, *wanted, f"--dbname={name}", file], dsn)


def tables(programs: Binaries, file: Path) -> set[str]:
    """`schema.table` of everything that a dump holds rows of.

    Raises:
        Refusal: it cannot be read.
    """
    listed = _run([programs.bin / "pg_restore", "--list", file], None)
    return {f"{schema}.{table}" for schema, table in _DATA.findall(listed)}


def _run(command: Sequence[str | Path], dsn: str | None) -> str:
    env = {name: os.environ[name] for name in _KEPT if name in os.environ}
    done = subprocess.run(
        [str(part) for part in command],
        env={**env, "LC_ALL": "C", **(_place(dsn) if dsn else {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise Refusal(f"{Path(command[0]).name} failed: {last or f'exit code {done.returncode}'}")
    return done.stdout


def _place(dsn: str) -> dict[str, str]:
    """libpq's variables for a URL."""
    parts = urlsplit(dsn)
    found = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGAPPNAME": "shenbao-backup",
    }
    given = parse_qs(parts.query)
    found |= {_OPTIONS[name]: values[-1] for name, values in given.items() if name in _OPTIONS}
    return {name: value for name, value in found.items() if value}
