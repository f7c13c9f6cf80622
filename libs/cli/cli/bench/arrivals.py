"""When people come: few at first, most at the end, some too late."""

WINDOW_S = 60.0
LATE_S = 5.0
LATE_SHARE = 0.05
_HEAP = 3


def in_time(number: int, window_s: float = WINDOW_S) -> list[float]:
    """Seconds before the close at which so many people submit, in order of their coming.

    Of a minute, within the last s seconds comes (s / 60)^(1/3): 55 % in the last ten, 26 % in the last one.
    """
    steps = [(index + 0.5) / number for index in range(number)]
    return sorted((window_s * step**_HEAP for step in steps), reverse=True)


def late(number: int) -> list[float]:
    """Seconds after the close, spread evenly over the first five, at which so many come too late."""
    return [LATE_S * (index + 0.5) / number for index in range(number)]
