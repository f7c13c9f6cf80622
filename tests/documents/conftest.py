"""A running documents service for one test, tickets as intake signs them, and files made on the spot."""

import io
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

import httpx
import pytest
from fastapi import FastAPI
from pypdf import PdfReader, PdfWriter
from sqlalchemy import MetaData

from common.client import HttpClient
from common.clock import clock
from common.db import Database
from common.ids import new_id
from common.testing import http, settings_for, tokens_of
from documents.app import create_app
from documents.base import Base
from documents.settings import Settings
from guide import load_pack

PACK = Path(__file__).parents[2] / "deploy" / "guides" / "qz-2020.yaml"
CITY, OTHER_CITY = "330800", "430400"
CATEGORY = "qz20-major"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES = {
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "png": "image/png",
    "jpg": "image/jpeg",
}


@cache
def pack_version() -> str:
    """Version of the pack that the tests use."""
    return load_pack(PACK.read_text()).version


def make_pdf(text: str = "可行性报告", *, author: str = "", pages: int = 1) -> bytes:
    """A PDF with one line of text on each page; the font is named and not embedded, as Acrobat allows."""
    line = "".join(f"{ord(char):04X}" for char in text)
    stream = f"BT /F1 12 Tf 72 700 Td <{line}> Tj ET"
    numbers = range(6, 6 + pages)
    kids = " ".join(f"{number} 0 R" for number in numbers)
    info = "".join(f"{ord(char):04X}" for char in author)
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts ["
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo"
        " << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 >>] >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        f"<< /Author <FEFF{info}> >>",
        *(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
            for _ in numbers
        ),
    ]
    out, offsets = io.BytesIO(b""), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(bodies, start=1):
        offsets.append(out.tell())
        out.write(f"{number} 0 obj\n{body}\nendobj\n".encode())
    start = out.tell()
    out.write(f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode())
    out.writelines(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    trailer = f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{start}\n%%EOF\n"
    out.write(trailer.encode())
    return out.getvalue()


def encrypt_pdf(content: bytes, password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def make_zip(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _core(creator: str) -> str:
    return (
        '<cp:coreProperties xmlns:cp="urn:cp" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:creator>{escape(creator)}</dc:creator></cp:coreProperties>"
    )


def docx_parts(
    text: str = "可行性报告",
    *,
    runs: str | None = None,
    header: str = "",
    comment: str = "",
    creator: str = "",
) -> dict[str, str | bytes]:
    """`runs`: the paragraph's XML in place of one run of `text`."""
    body = runs or f"<w:r><w:t>{escape(text)}</w:t></w:r>"
    return {
        "[Content_Types].xml": '<Types xmlns="urn:types"><Override PartName="/word/document.xml" '
        f'ContentType="{TYPES["docx"]}.main+xml"/></Types>',
        "word/document.xml": f"<w:document {_W}><w:body><w:p>{body}</w:p></w:body></w:document>",
        "word/header1.xml": f"<w:hdr {_W}><w:p><w:r><w:t>{escape(header)}</w:t></w:r></w:p></w:hdr>",
        "word/comments.xml": f'<w:comments {_W}><w:comment w:author="{escape(comment)}"><w:p><w:r>'
        f"<w:t>{escape(comment)}</w:t></w:r></w:p></w:comment></w:comments>",
        "docProps/core.xml": _core(creator),
    }


def make_docx(text: str = "可行性报告", **places: Any) -> bytes:
    return make_zip(docx_parts(text, **places))


def make_xlsx(*cells: str, creator: str = "", sheet: str = "预算") -> bytes:
    strings = "".join(f"<si><t>{escape(cell)}</t></si>" for cell in cells)
    return make_zip(
        {
            "[Content_Types].xml": '<Types xmlns="urn:types"><Override PartName="/xl/workbook.xml" '
            f'ContentType="{TYPES["xlsx"]}.main+xml"/></Types>',
            "xl/workbook.xml": f'<workbook {_S}><sheets><sheet name="{escape(sheet)}"/></sheets></workbook>',
            "xl/sharedStrings.xml": f"<sst {_S}>{strings}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet {_S}><sheetData/></worksheet>",
            "docProps/core.xml": _core(creator),
        }
    )


@pytest.fixture
def make() -> SimpleNamespace:
    """Makers of test files."""
    return SimpleNamespace(
        pdf=make_pdf, encrypt=encrypt_pdf, docx=make_docx, docx_parts=docx_parts, xlsx=make_xlsx, zip=make_zip
    )


def upload_claims(name: str = "报告.pdf", **changes: Any) -> dict[str, Any]:
    """What intake puts into an upload ticket."""
    now = int(clock.system().timestamp())
    application_id = str(changes.pop("application_id", None) or new_id())
    return {
        "aud": "documents",
        "sub": application_id,
        "iat": now,
        "exp": now + 600,
        "file_id": str(new_id()),
        "city": CITY,
        "application_id": application_id,
        "guide": "qz-2020",
        "version": pack_version(),
        "category": CATEGORY,
        "material": "QZ-D02",
        "bundle": "blind",
        "filename": name,
        "content_type": TYPES[name.rpartition(".")[2].lower()],
        "max_bytes": 1_000_000,
        "attributes": {},
        "by": "person-1",
        **changes,
    }


@dataclass
class Service:
    """The service under test, and requests to it as the gateway and intake make them."""

    app: FastAPI
    settings: Settings
    db: Database
    gateway: httpx.AsyncClient
    intake: httpx.AsyncClient
    application_id: UUID = field(default_factory=new_id)

    def ticket(self, claims: dict[str, Any], signer: str = "intake") -> str:
        return tokens_of(signer).sign(claims)

    async def put(
        self, content: bytes | AsyncIterator[bytes], name: str = "报告.pdf", **changes: Any
    ) -> httpx.Response:
        """Upload to the test's application, with a fresh ticket."""
        claims = upload_claims(name, **{"application_id": self.application_id, **changes})
        return await self.put_with(self.ticket(claims), content)

    async def put_with(self, ticket: str, content: bytes | AsyncIterator[bytes]) -> httpx.Response:
        return await self.gateway.post("/v1/files", content=content, headers={"Upload-Ticket": ticket})

    async def get(
        self, file_id: str, headers: dict[str, str] | None = None, **changes: Any
    ) -> httpx.Response:
        """Download with a fresh ticket."""
        now = int(clock.system().timestamp())
        claims = {
            "aud": "documents",
            "iat": now,
            "exp": now + 60,
            "file_id": file_id,
            "city": CITY,
            "purpose": "review",
            "by": "person-2",
            **changes,
        }
        params = {"ticket": self.ticket(claims)}
        return await self.gateway.get(f"/v1/files/{file_id}", params=params, headers=headers)

    async def stage(self) -> str:
        """Stage the pack; its version."""
        text = PACK.read_text()
        version = pack_version()
        answer = await self.intake.put(
            f"/v1/guides/qz-2020/versions/{version}", json={"city": CITY, "text": text}
        )
        assert answer.status_code == 200, answer.text
        return version

    def question(self, version: str, **changes: Any) -> dict[str, Any]:
        """The body of `POST /v1/facts`."""
        return {
            "application_id": str(self.application_id),
            "city": CITY,
            "guide": "qz-2020",
            "version": version,
            "category": CATEGORY,
            "as_of": clock.business().isoformat(),
            "names": ["衢州星河精密机械有限公司", "欧阳明哲"],
            **changes,
        }

    def stored(self) -> list[Path]:
        """Every file in the store's folder."""
        return sorted(path for path in self.settings.store_path.rglob("*") if path.is_file())


@pytest.fixture(scope="session")
async def outgoing() -> AsyncIterator[HttpClient]:
    """The client that the app would call others with; documents calls nobody, and one is dear to make."""
    client = HttpClient(settings_for(Settings))
    yield client
    await client.close()


@pytest.fixture
async def opened(
    tmp_path: Path, db_url: Callable[[str], str], outgoing: HttpClient
) -> AsyncIterator[Callable[[Database], Awaitable[Service]]]:
    """`await opened(database)`: the service on a database."""
    clients: list[Any] = []

    async def build(database: Database) -> Service:
        settings = settings_for(Settings, store_path=tmp_path / "files", database_url=db_url("documents"))
        app = create_app(settings, client=outgoing, database=database)
        clients.extend(http(app, caller=caller, cities=(CITY,)) for caller in ("gateway", "intake"))
        gateway, intake = [await one.__aenter__() for one in clients]
        return Service(app, settings, database, gateway, intake)

    yield build
    for one in clients:
        await one.__aexit__(None, None, None)


@pytest.fixture
async def service(
    database: Callable[[MetaData, str], Awaitable[Database]],
    opened: Callable[[Database], Awaitable[Service]],
) -> Service:
    """The service on a database that is rolled back."""
    return await opened(await database(Base.metadata, "documents"))


@pytest.fixture
def claims() -> Callable[..., dict[str, Any]]:
    """`claims("name.pdf", max_bytes=…)`: claims of an upload ticket."""
    return upload_claims
