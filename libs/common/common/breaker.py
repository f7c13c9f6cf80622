"""A circuit breaker for one called service: while that is away, callers hear so at once.

Closed, it counts failures. A run of them without a success between, none older than the window, opens it.
Open, it refuses every call but one probe after each pause; the first success closes it, whoever called. There
is no third state to get stuck in: a probe that never comes back only costs the pause until the next one.
"""

import random
import time
from collections import deque
from collections.abc import Callable
from typing import Literal

from common.errors import OwnerUnavailable
from common.log import log

State = Literal["closed", "open"]


class BreakerOpen(OwnerUnavailable):
    """The call was not even tried."""


class Breaker:
    """The breaker of one process for one service.

    Args:
        failures: how many in a row open it.
        window_s: within which they must have come.
        pause_s: between opening and a probe, and between two probes; in fact half to one and a half times as
            long, so that many callers do not probe together.
        now: monotonic seconds.
    """

    def __init__(
        self,
        service: str,
        *,
        failures: int,
        window_s: float,
        pause_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service, self._window_s, self._pause_s, self._now = service, window_s, pause_s, now
        self._failed: deque[float] = deque(maxlen=failures)
        self._probe_at: float | None = None

    @property
    def state(self) -> State:
        return "closed" if self._probe_at is None else "open"

    def admit(self, patience_s: float) -> None:
        """Let a call through, or refuse it.

        Args:
            patience_s: how long the call will wait; while one probes, nobody else does.

        Raises:
            BreakerOpen: and this call is not the probe.
        """
        if self._probe_at is None:
            return
        wait = self._probe_at - self._now()
        if wait > 0:
            raise BreakerOpen(self._service, retry_after_s=wait)
        self._probe_at = self._now() + max(patience_s, self._pause())

    def succeeded(self) -> None:
        """The service has answered."""
        self._failed.clear()
        if self._probe_at is not None:
            self._probe_at = None
            log.info("breaker.closed", owner=self._service)

    def failed(self) -> None:
        """The service has not answered, or only that it cannot."""
        now = self._now()
        if self._probe_at is not None:
            self._probe_at = now + self._pause()
            return
        self._failed.append(now)
        if len(self._failed) == self._failed.maxlen and now - self._failed[0] <= self._window_s:
            self._probe_at = now + self._pause()
            log.warning("breaker.opened", owner=self._service, failures=len(self._failed))

    def _pause(self) -> float:
        return self._pause_s * random.uniform(0.5, 1.5)  # noqa: S311  # spreads callers, guards nothing
