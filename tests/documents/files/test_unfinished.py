"""A process killed in the middle of an upload leaves half a file, which nothing lists; a sweep takes it."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from common.clock import clock
from documents import store

UPLOAD = """
import asyncio, os, signal, sys
from pathlib import Path
from documents import store

async def chunks():
    for _ in range(3):
        yield b"x" * 6 * 1024 * 1024
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(store.put(store.opened(Path(sys.argv[1])), "330800/half", chunks()))
"""


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def listed(folder: Path) -> list[str]:
    later = clock.system() + timedelta(days=1)
    return [key async for keys in store.older_than(store.opened(folder), later) for key in keys]


async def test_half_a_file_goes_when_no_upload_can_be_writing_it(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", UPLOAD, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    (half,) = files(tmp_path)
    whole = tmp_path / "330800" / "whole"
    whole.write_bytes(b"x")
    assert await listed(tmp_path) == ["330800/whole"]
    now = clock.system()
    os.utime(half, (now.timestamp() - 7200,) * 2)
    os.utime(whole, (now.timestamp() - 7200,) * 2)
    assert await store.delete_unfinished(tmp_path, now - timedelta(hours=3)) == 0
    assert sorted(files(tmp_path)) == sorted([half, whole])
    assert await store.delete_unfinished(tmp_path, now - timedelta(hours=1)) == 1
    assert files(tmp_path) == [whole]
    assert await store.delete_unfinished(tmp_path / "nowhere", now) == 0


def test_room_is_unknown_while_the_folder_is_away(tmp_path: Path) -> None:
    assert store.room(tmp_path) > 0
    room = store.room(tmp_path / "nowhere")
    assert room != room  # not a number
