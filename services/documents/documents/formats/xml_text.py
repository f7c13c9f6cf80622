"""Text out of one XML part, by expat, in chunks; documents with a DTD are refused (entity bombs)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Literal
from xml.parsers import expat

from documents.formats.limits import Budget, Refused

_CHUNK = 64 * 1024
_DEEPEST = 1000
_HEADERS = frozenset({"oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"})
_TEXT = frozenset({"t", "delText", "instrText", "delInstrText", "definedName", "v", *_HEADERS})
_BREAKS = frozenset({"p", "br", "tab", "cr", "comment"})
_CELLS = frozenset({"si", "is", "c", *_HEADERS})
_ALTERNATIVE = frozenset({"descr", "title", "alt"})
_Mode = Literal["text", "author"]
CELL_END = "\u241f"
"""Stands between cells: not white space, so that no name is read across two cells."""


@dataclass
class PartText:
    """Text of a part in reading order, and the authors of its changes and comments."""

    pieces: list[str] = field(default_factory=list)
    authors: set[str] = field(default_factory=set)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class _Reader:
    """Collects a part's text while it is parsed."""

    def __init__(self, budget: Budget) -> None:
        self.found = PartText()
        self._budget = budget
        self._modes: list[_Mode | None] = []

    def start(self, element: str, attributes: dict[str, str]) -> None:
        self._modes.append("text" if element in _TEXT else "author" if element == "author" else None)
        for key, value in attributes.items():
            if key == "author":
                self.found.authors.add(value)
            elif key in _ALTERNATIVE or (element == "sheet" and key == "name"):
                self._add(f"{value}{CELL_END}")

    def end(self, element: str) -> None:
        self._modes.pop()
        if element in _BREAKS:
            self._add("\n")
        elif element in _CELLS:
            self._add(CELL_END)

    def characters(self, text: str) -> None:
        mode = self._modes[-1]
        if mode == "text":
            self._add(text)
        elif mode == "author":
            self.found.authors.add(text)

    def _add(self, text: str) -> None:
        self._budget.spend(len(text))
        self.found.pieces.append(text)


def read_part(part: IO[bytes], budget: Budget) -> PartText:
    """Text of a WordprocessingML, SpreadsheetML or DrawingML part.

    Raises:
        Refused: not well-formed (damaged), or past a limit.
    """
    reader = _Reader(budget)
    _parse(part, budget, reader.start, reader.end, reader.characters)
    return reader.found


def read_properties(part: IO[bytes], budget: Budget) -> list[tuple[str, str]]:
    """(element, value) for all that a properties part says.

    Raises:
        Refused: as `read_part`.
    """
    found: list[tuple[str, str]] = []
    path: list[str] = []

    def start(element: str, attributes: dict[str, str]) -> None:
        path.append(element)
        found.extend((element, value) for key, value in attributes.items() if key == "name")

    def end(_element: str) -> None:
        path.pop()

    def characters(text: str) -> None:
        budget.spend(len(text))
        if text.strip():
            found.append((path[-1], text.strip()))

    _parse(part, budget, start, end, characters)
    return found


def _parse(
    part: IO[bytes],
    budget: Budget,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    characters: Callable[[str], None],
) -> None:
    """Drive expat; names reach the handlers without their prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise Refused("too_complex")
        start(_local(name), {_local(key): value for key, value in attributes.items()})

    def on_end(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(_local(name))

    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        while chunk := part.read(_CHUNK):
            budget.spend(0)
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError) as error:
        raise Refused("damaged") from error


def _refuse_doctype(*_: object) -> None:
    raise Refused("damaged")


def _local(name: str) -> str:
    return name.rpartition(":")[2]
