"""Office Open XML (ECMA-376): a zip container whose XML parts are walked as a stream.

All text is taken, also what a word processor does not show at once: deleted runs, headers, footers, comments,
notes, text boxes, alternative texts, document properties.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from documents.formats.limits import Budget, Extract, Limits, Piece, Refused
from documents.formats.xml_text import read_part, read_properties

_SMALL = 16 * 1024 * 1024
_MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_MAIN_TYPE = {
    "docx": b"wordprocessingml.document.main+xml",
    "xlsx": b"spreadsheetml.sheet.main+xml",
}
_TEXT_PART = re.compile(r"(word|xl)/.+\.xml", re.IGNORECASE)
_PROPERTY_PART = re.compile(r"(docProps|customXml)/.+\.xml", re.IGNORECASE)
_ENCRYPTED_BIT = 0x1
_TYPES_MAX_BYTES = 1 << 20


def check(file: BinaryIO, kind: str, limits: Limits) -> None:
    """
    Raises:
        Refused: not this kind of document (type_mismatch), damaged, encrypted, or a zip bomb (too_complex).
    """
    with _opened(file, limits) as archive:
        names = set(archive.namelist())
        if "[Content_Types].xml" not in names or _MAIN[kind] not in names:
            raise Refused("type_mismatch")
        with archive.open("[Content_Types].xml") as part:
            types = part.read(_TYPES_MAX_BYTES)
        if _MAIN_TYPE[kind] not in types:
            raise Refused("type_mismatch")
        budget = Budget(limits)
        with archive.open(_MAIN[kind]) as part:
            read_part(part, budget)


def extract(file: BinaryIO, limits: Limits) -> Extract:
    """A piece for each part with text; properties by element, and the authors of changes and comments.

    Raises:
        Refused: damaged, encrypted, or past a limit.
    """
    texts: list[Piece] = []
    properties: list[Piece] = []
    budget = Budget(limits)
    with _opened(file, limits) as archive:
        for name in sorted(archive.namelist()):
            if _TEXT_PART.fullmatch(name):
                with archive.open(name) as part:
                    found = read_part(part, budget)
                if found.text.strip():
                    texts.append(Piece(name, found.text))
                properties.extend(Piece(f"{name} author", author) for author in sorted(found.authors))
            elif _PROPERTY_PART.fullmatch(name):
                with archive.open(name) as part:
                    properties.extend(
                        Piece(f"{name} {element}", value) for element, value in read_properties(part, budget)
                    )
    return Extract(tuple(texts), tuple(properties))


@contextmanager
def _opened(file: BinaryIO, limits: Limits) -> Iterator[zipfile.ZipFile]:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_entries(archive, limits)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Refused("damaged") from error


def _check_entries(archive: zipfile.ZipFile, limits: Limits) -> None:
    entries = archive.infolist()
    if any(entry.flag_bits & _ENCRYPTED_BIT for entry in entries):
        raise Refused("encrypted")
    if len({entry.filename for entry in entries}) < len(entries):
        raise Refused("damaged")  # two entries of one name: readers disagree which one counts
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    bomb = unpacked > _SMALL and unpacked > packed * limits.ratio
    if bomb or unpacked > limits.unpacked_bytes or len(entries) > limits.entries:
        raise Refused("too_complex")
