"""Child processes that end with us, and how to end them in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

_LAUNCH = Path(__file__).with_name("launch.py")


def start(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    output: int | IO[bytes],
    uid: int | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that Ctrl-C reaches only us and we stop it in order.

    Args:
        command: absolute path of the program, then its arguments.
        output: where stdout and stderr go: an open file, or subprocess.PIPE.
        uid: user to become, when we are root; None stays who we are.
        death_signal: what the program gets when we die (Linux).
    """
    launch = [sys.executable, "-I", "-S", str(_LAUNCH), str(os.getpid()), str(int(death_signal))]
    return subprocess.Popen(
        [*launch, "-" if uid is None else str(uid), *command],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def stop(
    process: subprocess.Popen[bytes], *, ask: signal.Signals = signal.SIGTERM, patience_s: float = 10
) -> None:
    """Ask a child to end, wait, and kill it when it does not."""
    if process.poll() is None:
        process.send_signal(ask)
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def name_of(pid: int) -> str:
    """Name of a running program; "" where there is none or it is a zombie."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
        except OSError:
            return ""
    command = ["/bin/ps", "-p", str(pid), "-o", "comm="]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """End a child and the children that it has by kill -9, and wait until all are gone."""
    process.send_signal(signal.SIGSTOP)  # so that it starts no more while we look
    below = _children_of(process.pid)
    for pid in (process.pid, *below):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    while any(name_of(pid) for pid in below):
        time.sleep(0.01)


def _children_of(parent: int) -> list[int]:
    if sys.platform == "linux":
        found = []
        for entry in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                # the name in brackets may hold blanks; behind it: state, parent
                if int(entry.read_text().rpartition(")")[2].split()[1]) == parent:
                    found.append(int(entry.parent.name))
        return found
    lines = subprocess.run(["/bin/ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = (line.split() for line in lines.stdout.splitlines())
    return [int(pid) for pid, above in pairs if int(above) == parent]
