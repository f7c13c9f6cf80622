"""When a call receives applications, as its guide says it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from guide.pack import Pack

WindowState = Literal["not_open_yet", "open", "closed", "not_stated"]


class Window(NamedTuple):
    """`state` at the instant asked about; a null end is one on which the guide is silent.

    `inclusive`: what arrives at the very instant of `close_at` is in time.
    """

    state: WindowState
    open_at: datetime | None
    close_at: datetime | None
    inclusive: bool

    @property
    def receives(self) -> bool:
        """Whether one may apply; where the guide is silent, nothing forbids it."""
        return self.state in {"open", "not_stated"}


def window_at(
    pack: Pack, at: datetime, open_at: datetime | None = None, close_at: datetime | None = None
) -> Window:
    """The window of a pack's call at an instant; `open_at` and `close_at` are what the bureau has announced,
    and count where the guide is silent."""
    opens, closes = pack.call.open_at or open_at, pack.call.close_at or close_at
    inclusive = _is_inclusive(pack)
    return Window(_state(opens, closes, at, inclusive=inclusive), opens, closes, inclusive)


def _state(opens: datetime | None, closes: datetime | None, at: datetime, *, inclusive: bool) -> WindowState:
    if opens is not None and at < opens:
        return "not_open_yet"
    if closes is not None and (at > closes or (at == closes and not inclusive)):
        return "closed"
    return "not_stated" if closes is None else "open"


def _is_inclusive(pack: Pack) -> bool:
    """The pack's reading of its last instant (`….close_inclusive`); in time where it has none."""
    for name, reading in pack.interpretations.items():
        if name.endswith(".close_inclusive"):
            value = reading.confirmed.value if reading.confirmed else reading.default
            return value is not False
    return True
