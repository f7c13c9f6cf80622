"""A ticket fetches one file, or a part of it; every fetch is recorded."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from common.clock import clock
from common.db import ALL_CITIES
from common.ids import new_id
from common.testing import http
from documents.files.models import Download


async def _stored(service: Any, make: SimpleNamespace, name: str = "可行性 “终稿”.pdf") -> tuple[str, bytes]:
    content = make.pdf()
    answer = await service.put(content, name)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], content


async def test_the_whole_file(service: Any, make: SimpleNamespace, business_clock: Any) -> None:
    file_id, content = await _stored(service, make)
    business_clock.at("2020-06-02T10:00:00+08:00")
    answer = await service.get(file_id)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="___ ____.pdf"; '
        "filename*=UTF-8''%E5%8F%AF%E8%A1%8C%E6%80%A7%20%E2%80%9C%E7%BB%88%E7%A8%BF%E2%80%9D.pdf"
    )
    async with service.db.read(ALL_CITIES) as session:
        [record] = (await session.execute(select(Download))).scalars()
    assert (record.by, record.caller, record.purpose) == ("person-2", "gateway", "review")
    assert (record.file_id, record.first_byte, record.last_byte) == (UUID(file_id), 0, len(content))
    assert record.at.isoformat() == "2020-06-02T02:00:00+00:00"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, None), ("bytes=-5", -5, None), ("bytes=5-999999", 5, None)],
)
async def test_a_range(service: Any, make: SimpleNamespace, asked: str, start: int, end: int | None) -> None:
    file_id, content = await _stored(service, make)
    answer = await service.get(file_id, {"Range": asked})
    assert (answer.status_code, answer.content) == (206, content[start:end])
    first = content.index(content[start:end]) if start >= 0 else len(content) + start
    last = first + len(answer.content) - 1
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(content)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=9-3"])
async def test_a_range_that_is_none_is_ignored(service: Any, make: SimpleNamespace, asked: str) -> None:
    file_id, content = await _stored(service, make)
    answer = await service.get(file_id, {"Range": asked})
    assert (answer.status_code, answer.content) == (200, content)


@pytest.mark.parametrize("asked", ["bytes=1000000-", "bytes=-0"])
async def test_a_range_behind_the_end(service: Any, make: SimpleNamespace, asked: str) -> None:
    file_id, content = await _stored(service, make)
    answer = await service.get(file_id, {"Range": asked})
    assert (answer.status_code, answer.json()["code"]) == (416, "documents.range_unsatisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(content)}"


async def test_etag(service: Any, make: SimpleNamespace) -> None:
    file_id, content = await _stored(service, make)
    etag = (await service.get(file_id)).headers["etag"]
    unchanged = await service.get(file_id, {"If-None-Match": f'"x", {etag}'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == etag
    assert (await service.get(file_id, {"If-None-Match": '"x"'})).status_code == 200
    resumed = await service.get(file_id, {"Range": "bytes=5-", "If-Range": etag})
    assert (resumed.status_code, resumed.content) == (206, content[5:])
    assert (await service.get(file_id, {"Range": "bytes=5-", "If-Range": '"x"'})).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"exp": 1_500_000_000}, 401, "documents.ticket_invalid"),
        ({"aud": "gateway"}, 401, "documents.ticket_invalid"),
        ({"purpose": None}, 401, "documents.ticket_invalid"),
        ({"file_id": "0198c0de-0000-7000-8000-000000000001"}, 403, "documents.ticket_foreign"),
        ({"city": "430400"}, 403, "common.forbidden"),
        ({"bundle": "identity"}, 403, "documents.not_in_bundle"),
        ({"bundle_id": "0198c0de-0000-7000-8000-000000000001"}, 403, "documents.not_in_bundle"),
    ],
)
async def test_a_ticket_for_something_else(
    service: Any, make: SimpleNamespace, changes: dict[str, Any], status: int, code: str
) -> None:
    file_id, _ = await _stored(service, make)
    claims = {"purpose": "review", "by": "x", "city": "330800", "aud": "documents", "exp": 4_000_000_000}
    claims["iat"] = int(clock.system().timestamp())
    ticket = service.ticket({**claims, "file_id": file_id, **changes})
    answer = await service.gateway.get(f"/v1/files/{file_id}", params={"ticket": ticket})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    async with service.db.read(ALL_CITIES) as session:
        assert not (await session.execute(select(Download))).scalars().all()


async def test_no_ticket_and_an_upload_ticket(service: Any, make: SimpleNamespace, claims: Any) -> None:
    file_id, _ = await _stored(service, make)
    assert (await service.gateway.get(f"/v1/files/{file_id}")).status_code == 401
    upload = service.ticket(claims(file_id=file_id))
    answer = await service.gateway.get(f"/v1/files/{file_id}", params={"ticket": upload})
    assert (answer.status_code, answer.json()["code"]) == (401, "documents.ticket_invalid")


async def test_an_unknown_file(service: Any) -> None:
    answer = await service.get(str(new_id()))
    assert (answer.status_code, answer.json()["code"]) == (404, "documents.file_unknown")


async def test_another_city_does_not_see_it(service: Any, make: SimpleNamespace) -> None:
    file_id, _ = await _stored(service, make)
    async with http(service.app, caller="gateway", cities=("430400",)) as other:
        claims = {
            "purpose": "review",
            "by": "x",
            "aud": "documents",
            "iat": int(clock.system().timestamp()),
            "exp": 4_000_000_000,
            "file_id": file_id,
        }
        own = {"ticket": service.ticket({**claims, "city": "430400"})}
        assert (await other.get(f"/v1/files/{file_id}", params=own)).status_code == 404
        theirs = {"ticket": service.ticket({**claims, "city": "330800"})}
        assert (await other.get(f"/v1/files/{file_id}", params=theirs)).status_code == 403
        batch = await other.post("/v1/files/batch", json={"ids": [file_id]})
        assert batch.json() == {"items": []}
        listed = await other.post(
            "/v1/files/by-application/batch", json={"ids": [str(service.application_id)]}
        )
        assert listed.json()["items"][0]["files"] == []
        trail = await other.get("/v1/audit", params={"application_id": str(service.application_id)})
        assert trail.status_code == 403  # the gateway alone reads no trail


async def test_a_lost_object_is_our_fault(service: Any, make: SimpleNamespace) -> None:
    file_id, _ = await _stored(service, make)
    [path] = service.stored()
    path.unlink()
    answer = await service.get(file_id)
    assert (answer.status_code, answer.json()["code"]) == (503, "documents.store_unavailable")
