"""One streamed request puts a file in; what is refused leaves nothing behind."""

import asyncio
import hashlib
import os
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import typst
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import Message

from common.db import ALL_CITIES, Database
from common.ids import new_id
from documents.base import Base
from documents.files.models import StoredFile
from documents.texts.models import FileText

AT = "2020-06-01T09:00:00+08:00"


async def _rows(service: Any) -> int:
    async with service.db.read(ALL_CITIES) as session:
        return int((await session.execute(select(func.count()).select_from(StoredFile))).scalar_one())


async def test_a_pdf_is_stored_with_its_hash(service: Any, business_clock: Any) -> None:
    content = typst.compile(b"= Feasibility\nA page of text.")
    business_clock.at(AT)
    answer = await service.put(content, "可行性 报告.pdf", attributes={"commitment.unit_signed": True})
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert found["sha256"] == hashlib.sha256(content).hexdigest()
    assert found["size"] == len(content)
    assert (found["name"], found["status"], found["version"]) == ("可行性 报告.pdf", "stored", 1)
    assert found["application_id"] == str(service.application_id)
    assert found["created_at"] == "2020-06-01T01:00:00Z"
    assert found["attributes"] == {"commitment.unit_signed": True}
    [object_] = service.stored()
    assert object_.read_bytes() == content
    async with service.db.read(ALL_CITIES) as session:
        row = await session.get(FileText, UUID(found["id"]))
        assert row is not None
        assert row.state == "pending"


async def test_word_and_excel(service: Any, make: SimpleNamespace) -> None:
    assert (await service.put(make.docx(), "报告.docx")).status_code == 201
    answer = await service.put(make.xlsx("一"), "预算.xlsx", material="QZ-D03")
    assert answer.json()["content_type"].endswith("spreadsheetml.sheet")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"", "documents.empty"),
        ("a.pdf", b"%PDF-1.7\nnothing more", "documents.damaged"),
        ("a.docx", b"%PDF-1.7\n", "documents.type_mismatch"),
        ("a.docx", b"PK\x03\x04" + b"\0" * 400, "documents.damaged"),
        ("../a.pdf", b"%PDF-", "documents.name_invalid"),
        ("a\u202efdp.pdf", b"%PDF-", "documents.name_invalid"),
        (".pdf", b"%PDF-", "documents.name_invalid"),
        ("长" * 197 + ".pdf", b"%PDF-", "documents.name_invalid"),
    ],
)
async def test_what_is_no_sound_file_is_refused(service: Any, name: str, content: bytes, code: str) -> None:
    answer = await service.put(content, name)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert service.stored() == []
    assert await _rows(service) == 0


async def test_encrypted_and_mistyped_and_bombs(service: Any, make: SimpleNamespace) -> None:
    encrypted = await service.put(make.encrypt(make.pdf(), "secret"))
    assert encrypted.json()["code"] == "documents.encrypted"
    mistyped = await service.put(make.pdf(), content_type="image/png")
    assert mistyped.json()["code"] == "documents.type_mismatch"
    bomb = await service.put(make.zip({**make.docx_parts(), "word/a.bin": bytes(20_000_000)}), "a.docx")
    assert bomb.json()["code"] == "documents.too_complex"
    assert service.stored() == []


async def _chunks(size: int, chunk: int = 64 * 1024) -> AsyncIterator[bytes]:
    for _ in range(size // chunk):
        yield bytes(chunk)


async def test_too_large_is_cut_off_while_it_streams(service: Any) -> None:
    passed = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal passed
        async for chunk in _chunks(50_000_000):
            passed += len(chunk)
            yield chunk

    answer = await service.put(counted(), max_bytes=12_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "documents.too_large")
    assert answer.json()["limit"] == 12_000_000
    assert passed < 13_000_000
    assert service.stored() == []
    assert await _rows(service) == 0


async def test_a_declared_length_is_refused_before_the_body(service: Any) -> None:
    answer = await service.put(bytes(1001), max_bytes=1000)
    assert answer.json()["code"] == "documents.too_large"
    assert not service.settings.store_path.exists()


async def test_the_limit_itself_is_allowed(service: Any, make: SimpleNamespace) -> None:
    content = make.pdf()
    assert (await service.put(content, max_bytes=len(content))).status_code == 201
    assert (await service.put(content, max_bytes=len(content) - 1)).status_code == 413


async def test_a_stalled_upload_is_given_up(service: Any) -> None:
    service.app.state.settings = service.settings.model_copy(update={"upload_idle_s": 0.05})

    async def stalled() -> AsyncIterator[bytes]:
        yield b"%PDF-"
        await asyncio.Event().wait()

    answer = await service.put(stalled())
    assert (answer.status_code, answer.json()["code"]) == (408, "documents.upload_stalled")
    assert service.stored() == []


async def test_a_client_that_leaves_leaves_nothing(
    service: Any, claims: Callable[..., dict[str, Any]]
) -> None:
    sent: list[Message] = []
    messages = iter(
        [
            {"type": "http.request", "body": b"%PDF-" * 20_000, "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {
        "authorization": service.gateway.headers["authorization"],
        "upload-ticket": service.ticket(claims()),
    }
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/files",
        "raw_path": b"/v1/files",
        "root_path": "",
        "query_string": b"",
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await service.app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert b"documents.upload_cut_short" in sent[1]["body"]
    assert service.stored() == []
    assert await _rows(service) == 0


@pytest.mark.parametrize(
    ("signer", "changes", "status", "code"),
    [
        ("intake", {"exp": 1_500_000_000}, 401, "documents.ticket_invalid"),
        ("intake", {"exp": None}, 401, "documents.ticket_invalid"),
        ("intake", {"aud": "quota"}, 401, "documents.ticket_invalid"),
        ("intake", {"file_id": None}, 401, "documents.ticket_invalid"),
        ("intake", {"bundle": "open"}, 401, "documents.ticket_invalid"),
        ("intake", {"max_bytes": -1}, 401, "documents.ticket_invalid"),
        ("gateway", {}, 403, "documents.ticket_foreign"),
        ("quota", {}, 403, "documents.ticket_foreign"),
        ("intake", {"city": "430400"}, 403, "common.forbidden"),
    ],
)
async def test_a_ticket_must_be_intakes_and_in_force(
    service: Any,
    claims: Callable[..., dict[str, Any]],
    signer: str,
    changes: dict[str, Any],
    status: int,
    code: str,
) -> None:
    answer = await service.put_with(service.ticket(claims(**changes), signer), b"%PDF-")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert service.stored() == []


async def test_forged_missing_and_wrong_kinds_of_tickets(
    service: Any, claims: Callable[..., dict[str, Any]]
) -> None:
    head, body, signature = service.ticket(claims()).split(".")
    other = service.ticket(claims(max_bytes=10**9)).split(".")[1]
    service_token = service.intake.headers["authorization"].removeprefix("Bearer ")
    for ticket in (f"{head}.{other}.{signature}", f"{head}.{body}.", "nonsense", service_token):
        answer = await service.put_with(ticket, b"%PDF-")
        assert (answer.status_code, answer.json()["code"]) == (401, "documents.ticket_invalid")
    assert (await service.gateway.post("/v1/files", content=b"%PDF-")).status_code == 401
    bare = await service.gateway.post(
        "/v1/files",
        content=b"",
        headers={"Upload-Ticket": service.ticket(claims()), "Authorization": "Bearer x"},
    )
    assert bare.status_code == 401  # a ticket does not stand in for the service's token


async def test_a_retry_finds_the_first(
    service: Any, make: SimpleNamespace, claims: Callable[..., dict[str, Any]]
) -> None:
    ticket = service.ticket(claims(application_id=service.application_id))
    content = make.pdf()
    first = await service.put_with(ticket, content)
    again = await service.put_with(ticket, content)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(service.stored()) == 1
    other = await service.put_with(ticket, make.pdf("别的内容"))
    assert (other.status_code, other.json()["code"]) == (409, "documents.file_differs")
    assert len(service.stored()) == 1
    assert await _rows(service) == 1


async def test_a_file_id_belongs_to_one_document(
    service: Any, make: SimpleNamespace, claims: Callable[..., dict[str, Any]]
) -> None:
    content, file_id = make.pdf(), str(new_id())
    assert (await service.put(content, file_id=file_id)).status_code == 201
    for changes in ({"material": "QZ-D03"}, {"application_id": new_id()}, {"filename": "b.pdf"}):
        answer = await service.put(content, file_id=file_id, **changes)
        assert answer.json()["code"] == "documents.file_differs"


async def test_versions_count_by_document(service: Any, make: SimpleNamespace) -> None:
    uploads = [
        ("a.pdf", {}),
        ("a.pdf", {}),
        ("b.pdf", {}),
        ("a.pdf", {"material": "QZ-D03"}),
        ("a.pdf", {"application_id": new_id()}),
    ]
    answers = [await service.put(make.pdf(), name, **changes) for name, changes in uploads]
    assert [answer.json()["version"] for answer in answers] == [1, 2, 1, 1, 1]


async def test_uploads_at_the_same_time(
    opened: Callable[[Database], Awaitable[Any]],
    engine: Callable[[str], AsyncEngine],
    make: SimpleNamespace,
    claims: Callable[..., dict[str, Any]],
) -> None:
    service = await opened(Database(engine("documents"), Base.metadata))
    contents = [make.pdf(f"第{number}稿") for number in range(4)]
    answers = await asyncio.gather(*(service.put(content) for content in contents))
    assert sorted(answer.json()["version"] for answer in answers) == [1, 2, 3, 4]
    ticket = service.ticket(claims(application_id=service.application_id))
    same = await asyncio.gather(*(service.put_with(ticket, contents[0]) for _ in range(4)))
    assert [answer.status_code for answer in same] == [201] * 4
    assert len({answer.json()["id"] for answer in same}) == 1
    assert len(service.stored()) == 5


async def test_memory_stays_flat(service: Any) -> None:
    size = 50 * 1024 * 1024

    async def photo() -> AsyncIterator[bytes]:
        yield b"\xff\xd8\xff\xe0"
        for _ in range(size // 65536):
            yield os.urandom(65536)
        yield b"\xff\xd9"

    tracemalloc.start()
    try:
        answer = await service.put(photo(), "扫描件.jpg", max_bytes=2 * size)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 201, answer.text
    assert answer.json()["size"] == size + 6
    assert peak < 12 * 1024 * 1024  # two parts of five MiB, whatever the size


async def test_the_upload_stands_in_the_trail(service: Any, make: SimpleNamespace) -> None:
    file_id = (await service.put(make.pdf(author="欧阳明哲"), "机密名称.pdf")).json()["id"]
    answer = await service.intake.get("/v1/audit", params={"application_id": str(service.application_id)})
    [entry] = answer.json()["items"]
    assert (entry["action"], entry["object_id"]) == ("file.stored", file_id)
    assert "机密" not in answer.text
