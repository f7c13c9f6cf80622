"""Copying the file store. Objects are written once under a key of their own and never changed after."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1024**2
_STAGED = "#"
"""In the name of an object that is still being written; its upload counts once it is renamed."""


@dataclass(frozen=True, slots=True)
class Copied:
    """One line of the listing."""

    sha256: str
    size: int
    key: str

    def line(self) -> str:
        return f"{self.sha256} {self.size} {self.key}\n"


def read_listing(file: Path) -> list[Copied]:
    """The lines of a listing.

    Raises:
        ValueError: it is none.
    """
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        sha256, size, key = line.split(" ", 2)
        if Path(key).is_absolute() or ".." in Path(key).parts:
            raise ValueError(f"{key} leads out of the store")
        found.append(Copied(sha256, int(size), key))
    return found


def copy_store(store: Path, to: Path, earlier: tuple[Path, list[Copied]] | None) -> list[Copied]:
    """Copy every object; one that an earlier backup has is linked from there and takes no space.

    Args:
        earlier: folder of files of an earlier backup, and its listing.
    """
    known = {one.key: one for one in earlier[1]} if earlier else {}
    copied = []
    for key in _keys(store):
        try:
            before = known.get(key)
            if earlier and before and before.size == (store / key).stat().st_size:
                copied.append(_link(earlier[0], to, before))
            else:
                copied.append(copy(store / key, to / key, key))
        except FileNotFoundError:
            if (store / key).exists():
                raise
            # a refused upload takes its object away again
    return copied


def _keys(store: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(store):
        folders.sort()
        for name in sorted(names):
            if _STAGED not in name:
                yield (Path(folder) / name).relative_to(store).as_posix()


def _link(source: Path, to: Path, known: Copied) -> Copied:
    target = to / known.key
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source / known.key, target)
    except OSError:  # another file system, or one without links
        return copy(source / known.key, target, known.key)
    return known


def copy(source: Path, target: Path, key: str) -> Copied:
    """Copy one object with its time, hashing on the way; the target appears when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}{_STAGED}restored")
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as reader, fresh.open("wb") as writer:
        while chunk := reader.read(_CHUNK):
            digest.update(chunk)
            writer.write(chunk)
            size += len(chunk)
        writer.flush()
        os.fsync(writer.fileno())
        about = os.fstat(reader.fileno())
    # documents' sweep goes by the time of writing
    os.utime(fresh, ns=(about.st_atime_ns, about.st_mtime_ns))
    fresh.replace(target)
    return Copied(digest.hexdigest(), size, key)


def sha256_of(file: Path) -> str:
    """Hash of a file's content, hex."""
    with file.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()
