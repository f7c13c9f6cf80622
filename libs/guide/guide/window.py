"""When a call receives applications, as its guide and its bureau say it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from guide.pack import Pack

WindowState = Literal["not_announced", "not_open_yet", "open", "closed", "not_stated"]


class Announced(NamedTuple):
    """When a bureau says that a call opens and closes; null: it has not said."""

    open_at: datetime | None = None
    close_at: datetime | None = None


class Window(NamedTuple):
    """When a call receives; a null end is one that nobody has named.

    Attributes:
        close_inclusive: what arrives at the very instant of `close_at` is in time.
        is_settled: the bureau's announcements are counted in; else only the guide has been read.
    """

    open_at: datetime | None
    close_at: datetime | None
    close_inclusive: bool = True
    is_settled: bool = True

    def state(self, at: datetime) -> WindowState:
        """At an instant. Where the bureau's word is known, an opening that nobody has named keeps the call
        shut, and a close that nobody has named leaves it open; else such a call is `not_stated`."""
        if self.is_settled and self.open_at is None:
            return "not_announced"
        if self.open_at is not None and at < self.open_at:
            return "not_open_yet"
        if self._is_over(at):
            return "closed"
        return "open" if self.is_settled or (self.open_at and self.close_at) else "not_stated"

    def receives(self, at: datetime) -> bool:
        """Whether one may apply at an instant, as far as is known."""
        return self.state(at) in {"open", "not_stated"}

    def _is_over(self, at: datetime) -> bool:
        if self.close_at is None or at < self.close_at:
            return False
        return at > self.close_at or not self.close_inclusive


def call_window(pack: Pack, announced: Announced | None = None) -> Window:
    """The window of a pack's call. What the bureau has announced counts where the guide is silent; None: it
    is not known what that is."""
    opens, closes = announced or Announced()
    return Window(
        pack.call.open_at or opens,
        pack.call.close_at or closes,
        _is_inclusive(pack),
        is_settled=announced is not None,
    )


def _is_inclusive(pack: Pack) -> bool:
    """The pack's reading of its last instant (`….close_inclusive`); in time where it has none (trap 9: a call
    that closes at 17:00 still takes what arrives at 17:00:00.000)."""
    for name, reading in pack.interpretations.items():
        if name.endswith(".close_inclusive"):
            value = reading.confirmed.value if reading.confirmed else reading.default
            return value is not False
    return True
