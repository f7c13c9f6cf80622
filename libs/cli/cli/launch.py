"""Starts a program so that it ends with its parent. Standard library only: it runs before anything is set up.

    python launch.py <parent pid> <signal> <uid or -> <program> [argument …]

On Linux the kernel sends the signal when the parent dies, kill -9 included (PR_SET_PDEATHSIG); elsewhere
the parent's own clean-up has to do. It runs as a script of its own, because code between fork and exec is not
safe in a parent with threads. The death signal is lost when the uid changes, so that comes first.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> None:
    parent, signal_number, uid = int(argv[0]), int(argv[1]), argv[2]
    if uid != "-":
        os.setgroups([])
        os.setgid(int(uid))
        os.setuid(int(uid))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
            sys.exit("prctl(PR_SET_PDEATHSIG) failed")
        if os.getppid() != parent:  # it died before we asked
            sys.exit(1)
    os.execv(argv[3], argv[3:])  # noqa: S606  # no shell is what we want


if __name__ == "__main__":
    main(sys.argv[1:])
