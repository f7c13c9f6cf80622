"""Scanned papers as PNG or JPEG: whole to their end mark."""

from typing import BinaryIO

from documents.formats.limits import Refused

_ENDS = {"png": b"IEND\xaeB`\x82", "jpeg": b"\xff\xd9"}
_TAIL = 64 * 1024


def check(file: BinaryIO, kind: str) -> None:
    """
    Raises:
        Refused: cut short.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    if _ENDS[kind] not in file.read(_TAIL):
        raise Refused("damaged")
