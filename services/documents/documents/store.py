"""The object store: a folder. An object is written before its row; one without a row is swept after a day."""

import asyncio
import hashlib
import io
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from math import nan
from pathlib import Path
from typing import Any, BinaryIO, cast

import obstore
from obstore.store import LocalStore, ObjectStore

from common.errors import DomainError

_UNFINISHED = re.compile(r"#\d+$")
_PART = 5 * 1024 * 1024  # S3's smallest part; two of them in flight are all that an upload keeps in memory
_READ_AHEAD = 256 * 1024
_SENT_AT_ONCE = 256 * 1024


class StoreUnavailable(DomainError):
    status, code = 503, "documents.store_unavailable"
    title_zh, title_en = "文件存储暂时不可用，请稍后重试", "The file store is unavailable; try again later"

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "5"})


@lru_cache(maxsize=8)
def opened(folder: Path) -> ObjectStore:
    """The store in this folder, which is made if it is not there."""
    return LocalStore(folder, mkdir=True, automatic_cleanup=False)


def room(folder: Path) -> float:
    """Bytes that still fit; not a number while the folder is not there."""
    try:
        return float(shutil.disk_usage(folder).free)
    except OSError:
        return nan


async def put(store: ObjectStore, key: str, chunks: AsyncIterator[bytes]) -> None:
    """Write an object as its chunks come. After an error, of theirs too, nothing is left."""
    await obstore.put_async(store, key, chunks, chunk_size=_PART, max_concurrency=2)


async def delete(store: ObjectStore, key: str) -> None:
    """Delete an object, if it is there."""
    try:
        await obstore.delete_async(store, key)
    except FileNotFoundError:
        return


async def size(store: ObjectStore, key: str) -> int:
    """Bytes of an object.

    Raises:
        FileNotFoundError: no such object.
    """
    return int((await obstore.head_async(store, key))["size"])


async def sha256(store: ObjectStore, key: str) -> str:
    """Hash of an object's content, hex, read by chunks.

    Raises:
        FileNotFoundError: no such object.
    """
    found, digest = await obstore.get_async(store, key), hashlib.sha256()
    async for chunk in _chunks(found):
        digest.update(chunk)
    return digest.hexdigest()


async def send(store: ObjectStore, key: str, start: int, end: int) -> AsyncIterator[bytes]:
    """Bytes [start, end) of an object, in chunks; the object is found before this returns.

    Raises:
        FileNotFoundError: no such object.
    """
    if start == end:
        await obstore.head_async(store, key)
        return _nothing()
    found = await obstore.get_async(store, key, options={"range": (start, end)})
    return _chunks(found)


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


async def _chunks(found: "obstore.GetResult") -> AsyncIterator[bytes]:
    async for chunk in found.stream(min_chunk_size=_SENT_AT_ONCE):
        yield bytes(chunk)


@contextmanager
def reading(store: ObjectStore, key: str) -> Iterator[BinaryIO]:
    """A seekable file over an object, fetched where it is read; for worker threads.

    Raises:
        StoreUnavailable: the store failed, whatever a parser made of that.
    """
    raw = _Raw(store, key)
    try:
        with io.BufferedReader(raw, _READ_AHEAD) as file:
            yield cast(BinaryIO, file)
    except Exception as error:
        if raw.failure is not None:
            raise StoreUnavailable from error
        raise


class _Raw(io.RawIOBase):
    """Remembers a failure of the store: parsers in C swallow it and call the file damaged."""

    def __init__(self, store: ObjectStore, key: str) -> None:
        self.failure: Exception | None = None
        try:
            self._file = obstore.open_reader(store, key, buffer_size=_READ_AHEAD)
        except Exception as error:
            raise StoreUnavailable from error

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        try:
            chunk = bytes(self._file.read(len(view)))
        except Exception as error:
            self.failure = error
            raise
        view[: len(chunk)] = chunk
        return len(chunk)


async def older_than(
    store: ObjectStore, instant: datetime, spared: Sequence[tuple[datetime, datetime]] = ()
) -> AsyncIterator[list[str]]:
    """Keys of objects last written before the instant (machine time) and in none of the spared spans, by
    batches."""
    async for batch in obstore.list(store, chunk_size=500):
        keys = [
            str(found["path"])
            for found in batch
            if (at := found["last_modified"]) < instant
            and not any(start <= at <= end for start, end in spared)
        ]
        if keys:
            yield keys


async def delete_unfinished(folder: Path, instant: datetime) -> int:
    """Delete what uploads of killed processes have left, last written before the instant (machine time).

    A folder store writes an object beside its name (`key#1`) until it is whole, and does not list that."""
    return await asyncio.to_thread(_delete_unfinished, folder, instant.timestamp())


def _delete_unfinished(folder: Path, before: float) -> int:
    deleted = 0
    for path in folder.rglob("*#*"):
        with suppress(FileNotFoundError):  # finished, or swept by another process, meanwhile
            if _UNFINISHED.search(path.name) and path.stat().st_mtime < before:
                path.unlink()
                deleted += 1
    return deleted


async def answers(store: ObjectStore) -> bool:
    """Whether the store can be listed."""
    async for _ in obstore.list(store, prefix="ready", chunk_size=1):
        break
    return True
