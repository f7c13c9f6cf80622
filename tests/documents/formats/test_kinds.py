"""A file is what it says, or is refused with its own reason."""

import io
import struct
from types import SimpleNamespace
from typing import Any

import pytest
import typst

from documents.formats.kinds import Kind, check, extract, stated
from documents.formats.limits import Limits, Refused

_ZIP_ENTRY_FLAGS = 8


def _fault(kind: Kind, content: bytes, limits: Limits | None = None) -> str | None:
    try:
        check(kind, io.BytesIO(content), limits or Limits())
    except Refused as refused:
        return refused.fault
    return None


def test_sound_files_pass(make: SimpleNamespace) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(17) + b"\0\0\0\0IEND\xaeB`\x82"
    assert _fault(Kind.pdf, make.pdf()) is None
    assert _fault(Kind.pdf, typst.compile(b"= Report\nA page.")) is None
    assert _fault(Kind.docx, make.docx()) is None
    assert _fault(Kind.xlsx, make.xlsx("一")) is None
    assert _fault(Kind.png, png) is None
    assert _fault(Kind.jpeg, b"\xff\xd8\xff\xe0" + bytes(100) + b"\xff\xd9") is None


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.pdf", "image/png"),
        ("a.exe", "application/pdf"),
        ("a", "application/pdf"),
        ("a.docx", "application/zip"),
        ("a.docm", "application/vnd.ms-word.document.macroenabled.12"),
    ],
)
def test_name_and_type_must_agree_on_a_kind_that_is_taken(name: str, content_type: str) -> None:
    with pytest.raises(Refused, match="type_mismatch"):
        stated(name, content_type)


def test_name_and_type_in_any_case() -> None:
    assert stated("A.PDF", "application/pdf; x=1") is Kind.pdf
    assert stated("a.JPG", "Image/JPEG") is Kind.jpeg


def test_empty_and_foreign_content(make: SimpleNamespace) -> None:
    assert _fault(Kind.pdf, b"") == "empty"
    assert _fault(Kind.pdf, make.docx()) == "type_mismatch"
    assert _fault(Kind.docx, make.pdf()) == "type_mismatch"
    assert _fault(Kind.docx, make.xlsx("一")) == "type_mismatch"
    assert _fault(Kind.xlsx, make.docx()) == "type_mismatch"
    assert _fault(Kind.docx, make.zip({"a.txt": "x"})) == "type_mismatch"
    assert _fault(Kind.pdf, "只是文字".encode()) == "damaged"
    macro = make.docx_parts()
    macro["[Content_Types].xml"] = macro["[Content_Types].xml"].replace("document.main", "document.macro")
    assert _fault(Kind.docx, make.zip(macro)) == "type_mismatch"


def test_damaged_content(make: SimpleNamespace) -> None:
    pdf, docx = make.pdf(), make.docx()
    assert _fault(Kind.pdf, pdf[:40]) == "damaged"
    assert _fault(Kind.docx, docx[: len(docx) // 2]) == "damaged"
    assert _fault(Kind.docx, make.zip({**make.docx_parts(), "word/document.xml": "<w:document"})) == "damaged"
    assert _fault(Kind.jpeg, b"\xff\xd8\xff\xe0" + bytes(100)) == "damaged"
    flipped = bytearray(docx)
    flipped[docx.index(b"word/document.xml") + 40] ^= 0xFF
    assert _fault(Kind.docx, bytes(flipped)) == "damaged"


def test_encrypted_content(make: SimpleNamespace) -> None:
    assert _fault(Kind.pdf, make.encrypt(make.pdf(), "secret")) == "encrypted"
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
    assert _fault(Kind.docx, ole + "EncryptedPackage".encode("utf-16-le") + bytes(100)) == "encrypted"
    assert _fault(Kind.docx, ole) == "type_mismatch"  # an old .doc under a new name
    marked = bytearray(make.docx())
    at = marked.index(b"PK\x01\x02")  # the central directory's first entry
    (flags,) = struct.unpack_from("<H", marked, at + _ZIP_ENTRY_FLAGS)
    struct.pack_into("<H", marked, at + _ZIP_ENTRY_FLAGS, flags | 1)
    assert _fault(Kind.docx, bytes(marked)) == "encrypted"


@pytest.mark.parametrize(
    "parts",
    [
        {"word/media/a.bin": bytes(20_000_000)},
        {f"word/a{number}.xml": "<a/>" for number in range(60)},
    ],
    ids=["ratio", "entries"],
)
def test_bombs_are_refused(make: SimpleNamespace, parts: dict[str, Any]) -> None:
    content = make.zip({**make.docx_parts(), **parts})
    assert _fault(Kind.docx, content, Limits(entries=50)) == "too_complex"


def test_a_doctype_is_refused(make: SimpleNamespace) -> None:
    parts = make.docx_parts()
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    assert _fault(Kind.docx, make.zip({**parts, "word/document.xml": bomb})) == "damaged"


def test_deep_nesting_is_refused(make: SimpleNamespace) -> None:
    parts = {**make.docx_parts(), "word/document.xml": "<a>" * 5000 + "</a>" * 5000}
    assert _fault(Kind.docx, make.zip(parts)) == "too_complex"


def test_text_past_a_limit_is_not_read(make: SimpleNamespace) -> None:
    with pytest.raises(Refused, match="too_complex"):
        extract(Kind.docx, io.BytesIO(make.docx("长" * 500)), Limits(chars=100))
    with pytest.raises(Refused, match="too_complex"):
        extract(Kind.pdf, io.BytesIO(make.pdf(pages=3)), Limits(pages=2))
    with pytest.raises(Refused, match="too_complex"):
        extract(Kind.pdf, io.BytesIO(make.pdf()), Limits(seconds=-1))


def test_text_of_every_place(make: SimpleNamespace) -> None:
    runs = (
        "<w:r><w:t>甲</w:t></w:r><w:r><w:t>乙</w:t></w:r><w:del w:author='丙'>"
        "<w:r><w:delText>丁</w:delText></w:r></w:del><w:drawing><wp:docPr xmlns:wp='urn:wp' descr='戊'/>"
        "</w:drawing>"
    )
    found = extract(
        Kind.docx, io.BytesIO(make.docx(runs=runs, header="己", comment="庚", creator="辛")), Limits()
    )
    texts = {piece.place: piece.text for piece in found.texts}
    assert "甲乙" in texts["word/document.xml"]
    assert all(char in texts["word/document.xml"] for char in "丁戊")
    assert "己" in texts["word/header1.xml"]
    assert "庚" in texts["word/comments.xml"]
    assert {(piece.place, piece.text) for piece in found.properties} == {
        ("word/document.xml author", "丙"),
        ("word/comments.xml author", "庚"),
        ("docProps/core.xml creator", "辛"),
    }


def test_text_of_sheets_and_pages(make: SimpleNamespace) -> None:
    sheet = extract(Kind.xlsx, io.BytesIO(make.xlsx("王", "伟", creator="辛", sheet="表一")), Limits())
    text = "".join(piece.text for piece in sheet.texts)
    assert "表一" in text
    assert "王" in text
    assert "王伟" not in "".join(text.split())  # two cells are not one name
    assert [piece.text for piece in sheet.properties] == ["辛"]
    pdf = extract(Kind.pdf, io.BytesIO(make.pdf("可行性", author="辛", pages=2)), Limits())
    assert [(piece.place, piece.text.strip()) for piece in pdf.texts] == [
        ("page 1", "可行性"),
        ("page 2", "可行性"),
    ]
    assert ("information /Author", "辛") in {(piece.place, piece.text) for piece in pdf.properties}
