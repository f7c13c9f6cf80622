"""A rate limit per subject (or address): a token bucket in this process."""

import math
from collections import OrderedDict

from common.clock import clock
from common.errors import DomainError

_TRACKED = 20_000


class TooManyRequests(DomainError):
    status, code = 429, "gateway.too_many_requests"
    title_zh, title_en = "请求过于频繁，请稍后再试", "Too many requests"


class RateLimit:
    """Each caller has a bucket of `burst` requests that refills at `per_second`."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second, self._burst = per_second, float(burst)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> None:
        """
        Raises:
            TooManyRequests: the bucket is empty; `Retry-After` says when it holds one again.
        """
        now = clock.system().timestamp()
        left, seen = self._buckets.pop(caller, (self._burst, now))
        left = min(self._burst, left + (now - seen) * self._per_second)
        allowed = left >= 1
        self._buckets[caller] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _TRACKED:
            self._buckets.popitem(last=False)
        if not allowed:
            wait = max(1, math.ceil((1 - left) / self._per_second))
            raise TooManyRequests(headers={"Retry-After": str(wait)})
