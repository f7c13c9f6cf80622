"""PDF: text by PDFium, document information and XMP by pypdf."""

import contextlib
import html
import threading
from typing import BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium_raw
from pypdf import PdfReader

from documents.formats.limits import Budget, Extract, Limits, Piece, Refused

_PDFIUM = threading.Lock()  # PDFium may be entered by one thread at a time
_XMP_MAX_BYTES = 1 << 20


def check(file: BinaryIO) -> None:
    """
    Raises:
        Refused: damaged or without a page, or not to be opened without a password.
    """
    with _PDFIUM, contextlib.closing(_opened(file)) as document:
        if len(document) == 0:
            raise Refused("damaged")
        try:
            document[0].close()
        except pypdfium2.PdfiumError as error:
            raise Refused("damaged") from error


def extract(file: BinaryIO, limits: Limits) -> Extract:
    """One piece for each page with text.

    Raises:
        Refused: damaged, encrypted, or past a limit.
    """
    budget = Budget(limits)
    texts: list[Piece] = []
    with _PDFIUM:
        document = _opened(file)
    try:
        if len(document) > limits.pages:
            raise Refused("too_complex")
        for number in range(len(document)):
            # taken page by page, so that a check of an upload need not wait for a long file
            with _PDFIUM:
                text = _page_text(document, number)
            budget.spend(len(text))
            if text.strip():
                texts.append(Piece(f"page {number + 1}", text))
    finally:
        with _PDFIUM:
            document.close()
    file.seek(0)
    return Extract(tuple(texts), tuple(_properties(file, budget)))


def _opened(file: BinaryIO) -> pypdfium2.PdfDocument:
    file.seek(0)
    try:
        return pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in (pdfium_raw.FPDF_ERR_PASSWORD, pdfium_raw.FPDF_ERR_SECURITY)
        raise Refused("encrypted" if locked else "damaged") from error


def _page_text(document: pypdfium2.PdfDocument, number: int) -> str:
    try:
        with contextlib.closing(document[number]) as page, contextlib.closing(page.get_textpage()) as found:
            return str(found.get_text_bounded())
    except pypdfium2.PdfiumError as error:
        raise Refused("damaged") from error


def _properties(file: BinaryIO, budget: Budget) -> list[Piece]:
    """Document information by key, and the XMP packet as it stands; names hide in its attributes too."""
    found: list[Piece] = []
    try:
        reader = PdfReader(file)
        found.extend(
            Piece(f"information {key}", str(value)) for key, value in (reader.metadata or {}).items() if value
        )
        packet = reader.root_object.get("/Metadata")
        if packet is not None:
            text = packet.get_object().get_data()[:_XMP_MAX_BYTES].decode("utf-8", "replace")
            found.append(Piece("XMP", html.unescape(text)))
    except Exception as error:
        # pypdf raises whatever its parsing runs into; PDFium has opened the file, so it is not called damaged
        # lightly, but properties that were not read may not pass for clean ones
        raise Refused("damaged") from error
    for piece in found:
        budget.spend(len(piece.text))
    return found
