"""Where names occur in texts: compared as eligibility compares them (NFKC, no white space, case folded)."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from documents.formats.limits import Piece
from guide.functions import normalise

CONTEXT = 12
"""Characters of the original text shown on either side of a hit."""
SHORTEST = 2
_MARKS = "\u0300-\u036f\u3099\u309a\uff9e\uff9f"  # combine with the character before them under NFKC
_CHUNK = re.compile(f".{{1,400}}[{_MARKS}]*", re.DOTALL)
_CLUSTER = re.compile(f".[{_MARKS}]*", re.DOTALL)


def needles(names: Iterable[str]) -> list[str]:
    """Names as they are looked for; shorter than two characters they say nothing."""
    return sorted({plain for name in names if len(plain := normalise(name)) >= SHORTEST})


def snippets(pieces: Iterable[Piece], wanted: Sequence[str], *, limit: int = 50) -> list[str]:
    """`place: …text around a hit…` for each hit, without repeats.

    Args:
        wanted: as `needles` gives them.
        limit: no more snippets than this.
    """
    found: dict[str, None] = {}
    for piece in pieces:
        for snippet in _in_piece(piece, wanted):
            found[snippet] = None
            if len(found) >= limit:
                return list(found)
    return list(found)


def _in_piece(piece: Piece, wanted: Sequence[str]) -> Iterator[str]:
    chunks = _CHUNK.findall(piece.text)
    plain_chunks = [normalise(chunk) for chunk in chunks]
    plain = "".join(plain_chunks)
    hits = [(at, at + len(needle)) for needle in wanted for at in _occurrences(plain, needle)]
    if not hits:
        return
    ends = list(accumulate(map(len, plain_chunks), initial=0))
    offsets = list(accumulate(map(len, chunks), initial=0))

    def original(position: int) -> int:
        """Index in the piece's text of the character that gave this one of the plain text."""
        number = bisect_right(ends, position) - 1
        return offsets[number] + _original_in_chunk(chunks[number], position - ends[number])

    for start, end in sorted(hits):
        first, last = original(start), original(end - 1)
        around = piece.text[max(0, first - CONTEXT) : last + 1 + CONTEXT]
        yield f"{piece.place}: …{' '.join(around.split())}…"


def _occurrences(plain: str, needle: str) -> Iterator[int]:
    at = plain.find(needle)
    while at >= 0:
        yield at
        at = plain.find(needle, at + len(needle))


def _original_in_chunk(chunk: str, position: int) -> int:
    seen = 0
    for cluster in _CLUSTER.finditer(chunk):
        seen += len(normalise(cluster.group()))
        if seen > position:
            return cluster.start()
    return max(0, len(chunk) - 1)
