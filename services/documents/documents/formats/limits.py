"""What reading one file may cost, and how a file is refused."""

import time
from dataclasses import dataclass
from typing import Literal

Fault = Literal["type_mismatch", "empty", "damaged", "encrypted", "too_complex"]


class Refused(Exception):
    """The file cannot be taken, or not be read. Carries a fault, never a word of the file."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Attributes:
        entries: files inside a zip container.
        unpacked_bytes: of a zip container, all entries together.
        ratio: unpacked to packed bytes of a container that unpacks to more than 16 MiB.
        chars: of text.
        pages: of a PDF.
        seconds: of machine time for reading text.
    """

    entries: int = 4096
    unpacked_bytes: int = 1024**3
    ratio: int = 200
    chars: int = 2_000_000
    pages: int = 2000
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one place of a file, such as page 3 or word/header1.xml."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Extract:
    """What a file says: its texts, and its properties (authors, titles, producers)."""

    texts: tuple[Piece, ...]
    properties: tuple[Piece, ...]


class Budget:
    """Counts what reading a file has cost so far."""

    def __init__(self, limits: Limits) -> None:
        self._chars = limits.chars
        self._until = time.monotonic() + limits.seconds

    def spend(self, chars: int) -> None:
        """
        Raises:
            Refused: too much text, or too long.
        """
        self._chars -= chars
        if self._chars < 0 or time.monotonic() > self._until:
            raise Refused("too_complex")
