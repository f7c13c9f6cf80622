"""How many submissions one process decides while their applicants wait.

Receiving an attempt takes a fraction of the time of deciding it. When more come at once than can be decided,
the further ones are received, told so, and decided by their jobs: whoever comes at 16:59:59 is on record
within seconds.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class Desk:
    """Seats of one process.

    Args:
        seats: submissions decided at the same time.
    """

    def __init__(self, seats: int) -> None:
        self._free = seats

    @contextmanager
    def seat(self) -> Iterator[bool]:
        """A seat for the time of the block; False where none is free."""
        seated = self._free > 0
        self._free -= seated
        try:
            yield seated
        finally:
            self._free += seated
