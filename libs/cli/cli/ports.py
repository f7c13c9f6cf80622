"""Ports on this machine."""

import fcntl
import os
import socket
import tempfile
from pathlib import Path
from typing import Final

LOOPBACK = "127.0.0.1"
_claimed: Final[set[int]] = set()


def is_free(port: int) -> bool:
    """Could a server listen there now?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free() -> int:
    """A port that nobody uses at this moment, and that no other runner has chosen."""
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port: int = probe.getsockname()[1]
        if _claim(port):
            return port


def choose(wanted: int, taken: set[int]) -> int:
    """The wanted port, or a free one when somebody has it; never one in `taken`."""
    if wanted not in taken and is_free(wanted) and _claim(wanted):
        return wanted
    while (port := free()) in taken:
        pass
    return port


def _claim(port: int) -> bool:
    """Keep a port for this process until it ends: others may choose before somebody listens."""
    if port in _claimed:
        return True
    folder = Path(tempfile.gettempdir()) / f"shenbao-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    claim = os.open(folder / str(port), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(claim)
        return False
    _claimed.add(port)  # the descriptor stays open, and the lock with it, until the process ends
    return True
