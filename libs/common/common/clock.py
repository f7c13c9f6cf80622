"""Two clocks.

`clock.business()` decides deadlines, received and as-of instants; outside production it may be moved by a
file that all processes share. `clock.system()` serves tokens, leases and retries and is never moved.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path


class ClockFileError(ValueError):
    """The clock file does not hold what `write_clock_file` writes."""


class Clock:
    """Source of time. One instance, `clock`, serves a process."""

    def __init__(self) -> None:
        self._file: Path | None = None
        self._file_seen: tuple[int, int] | None = None
        self._at: datetime | None = None
        self._set_at: datetime | None = None
        self._frozen: datetime | None = None

    def system(self) -> datetime:
        """The machine's time, aware, UTC."""
        return datetime.now(UTC)

    def business(self) -> datetime:
        """The time that deadlines are measured by, aware, UTC, microseconds.

        Raises:
            ClockFileError: the clock file is damaged.
        """
        if self._frozen is not None:
            return self._frozen
        if self._file is not None:
            self._read_file(self._file)
        if self._at is None:
            return self.system()
        if self._set_at is None:
            return self._at
        return self._at + (self.system() - self._set_at)

    def follow(self, file: Path | None) -> None:
        """Take the business time from this file from now on; None: from the machine."""
        self._file, self._file_seen, self._at, self._set_at = file, None, None, None

    @contextmanager
    def frozen(self, at: str | datetime) -> Iterator[None]:
        """Hold the business clock at one instant (RFC 3339 with offset); for tests."""
        before = self._frozen
        self._frozen = parse_instant(at) if isinstance(at, str) else at.astimezone(UTC)
        try:
            yield
        finally:
            self._frozen = before

    def _read_file(self, file: Path) -> None:
        try:
            stat = file.stat()
        except FileNotFoundError:
            self._at = self._set_at = self._file_seen = None
            return
        seen = (stat.st_mtime_ns, stat.st_ino)
        if seen == self._file_seen:
            return
        try:
            content = json.loads(file.read_text())
            self._at = parse_instant(content["at"])
            self._set_at = parse_instant(content["set_at"]) if content["set_at"] else None
        except (KeyError, TypeError, ValueError) as error:
            raise ClockFileError(f"clock file {file.name}: {error}") from error
        self._file_seen = seen


clock = Clock()


def parse_instant(text: str) -> datetime:
    """An RFC 3339 instant as aware UTC datetime.

    Raises:
        ValueError: not an instant, or without an offset.
    """
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return value.astimezone(UTC)


def write_clock_file(file: Path, at: datetime, *, frozen: bool) -> None:
    """Move the business clock of every process that follows the file; atomic.

    Args:
        at: the business instant that holds from now on.
        frozen: True holds it; False lets it run on from there.
    """
    content = {"at": at.isoformat(), "set_at": None if frozen else clock.system().isoformat()}
    fresh = file.with_name(file.name + ".new")
    fresh.write_text(json.dumps(content))
    fresh.replace(file)
