"""The kinds of files that are taken: how each is named, how it begins."""

from enum import StrEnum
from typing import BinaryIO

import filetype

from documents.formats import images, ooxml, pdf
from documents.formats.limits import Extract, Limits, Refused

_HEAD = 8192
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class Kind(StrEnum):
    pdf = "pdf"
    docx = "docx"
    xlsx = "xlsx"
    png = "png"
    jpeg = "jpeg"


_BY_SUFFIX = {**{kind.value: kind for kind in Kind}, "jpg": Kind.jpeg}
_OFFICE = "application/vnd.openxmlformats-officedocument"
CONTENT_TYPES = {
    Kind.pdf: "application/pdf",
    Kind.docx: f"{_OFFICE}.wordprocessingml.document",
    Kind.xlsx: f"{_OFFICE}.spreadsheetml.sheet",
    Kind.png: "image/png",
    Kind.jpeg: "image/jpeg",
}
_BY_CONTENT_TYPE = {value: kind for kind, value in CONTENT_TYPES.items()}
_ZIPPED = frozenset({Kind.docx, Kind.xlsx})
_ZIP_HEADS = frozenset({"zip", "docx", "xlsx", "pptx"})  # guessed by the first entry only
_HEADS = {
    Kind.pdf: frozenset({"pdf"}),
    Kind.docx: _ZIP_HEADS,
    Kind.xlsx: _ZIP_HEADS,
    Kind.png: frozenset({"png"}),
    Kind.jpeg: frozenset({"jpg"}),
}


def stated(name: str, content_type: str) -> Kind:
    """The kind that a file's name and content type agree on.

    Raises:
        Refused: they disagree, or such files are not taken (type_mismatch).
    """
    kind = _BY_SUFFIX.get(name.rpartition(".")[2].lower())
    if kind is None or _BY_CONTENT_TYPE.get(content_type.partition(";")[0].strip().lower()) is not kind:
        raise Refused("type_mismatch")
    return kind


def check(kind: Kind, file: BinaryIO, limits: Limits) -> None:
    """Look inside: is this a sound file of its kind?

    Raises:
        Refused: empty, damaged, encrypted, too_complex, or of another kind (type_mismatch).
    """
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise Refused("empty")
    if kind in _ZIPPED and head.startswith(_OLE):
        raise Refused("encrypted" if _is_encrypted_office(file) else "type_mismatch")
    _check_head(kind, head)
    if kind is Kind.pdf:
        pdf.check(file)
    elif kind in _ZIPPED:
        ooxml.check(file, kind.value, limits)
    else:
        images.check(file, kind.value)


def extract(kind: Kind, file: BinaryIO, limits: Limits) -> Extract:
    """Texts and properties; images have none of their own.

    Raises:
        Refused: the file cannot be read within the limits.
    """
    file.seek(0)
    if kind is Kind.pdf:
        return pdf.extract(file, limits)
    if kind in _ZIPPED:
        return ooxml.extract(file, limits)
    return Extract((), ())


def _check_head(kind: Kind, head: bytes) -> None:
    found = filetype.guess(head)
    extension = found.extension if found is not None else None
    good = (
        {"docx", "xlsx", "pptx", "zip"} if kind in _ZIPPED else {"jpg"} if kind is Kind.jpeg else {kind.value}
    )
    if extension in good:
        return
    # a file that no magic number fits is a broken one of its kind rather than one of another kind
    raise Refused("damaged" if extension is None else "type_mismatch")


def _is_encrypted_office(file: BinaryIO) -> bool:
    """An encrypted .docx is an OLE container with a stream of this name (MS-OFFCRYPTO 2.3.1)."""
    file.seek(0)
    kept = b""
    while chunk := file.read(1 << 20):
        if _OLE_ENCRYPTED in kept + chunk:
            return True
        kept = chunk[-len(_OLE_ENCRYPTED) :]
    return False
