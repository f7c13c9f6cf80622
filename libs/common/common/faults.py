"""Fault points: named places in a protocol at which a test may stop a process, to kill it or another one.

`OPENED = faults.point("intake.submit.opened")` names a place; `await faults.reach(OPENED)` marks it. Without
the setting `fault_dir`, which production refuses, reaching a point costs one comparison. With it, a file
`<fault_dir>/<point>` holds the first process that comes by: it takes the file away by renaming it to
`<point>@<pid>`, so that one process alone is held, and waits until that file is gone.
"""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

LOOK_S: Final = 0.01

_names: set[str] = set()
_folder: Path | None = None


def point(name: str) -> str:
    """Name a place, `<service>.<step>.<place>`; at import time, once.

    Raises:
        ValueError: the name is taken.
    """
    if name in _names:
        raise ValueError(f"fault point {name} is named twice")
    _names.add(name)
    return name


def points() -> frozenset[str]:
    """All names of the modules that are imported."""
    return frozenset(_names)


def follow(folder: Path | None) -> None:
    """Heed the files in this folder from now on; None: never stop anywhere."""
    global _folder
    _folder = folder


async def reach(name: str) -> None:
    """Wait here, if a file says so, until it is taken away."""
    if _folder is not None:
        await _held(_folder, name)


async def _held(folder: Path, name: str) -> None:
    mine = folder / f"{name}@{os.getpid()}"
    with suppress(FileNotFoundError):
        (folder / name).rename(mine)
        while mine.exists():  # noqa: ASYNC110  # a file of another process cannot be awaited
            await asyncio.sleep(LOOK_S)
