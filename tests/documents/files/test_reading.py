"""Batch reads, who sees what, and the sweep of objects without a row."""

import os
from types import SimpleNamespace
from typing import Any

import pytest

from common.ids import new_id
from common.roles import Role
from common.testing import actor, http
from documents.files import service as files


async def test_files_by_id_and_by_application(service: Any, make: SimpleNamespace) -> None:
    ids = [(await service.put(make.pdf(), name)).json()["id"] for name in ("a.pdf", "b.pdf")]
    found = await service.gateway.post("/v1/files/batch", json={"ids": [*ids, str(new_id())]})
    assert sorted(item["id"] for item in found.json()["items"]) == sorted(ids)
    assert {item["text"] for item in found.json()["items"]} == {"pending"}
    empty = str(new_id())
    listed = await service.gateway.post(
        "/v1/files/by-application/batch", json={"ids": [str(service.application_id), empty]}
    )
    by_application = {item["application_id"]: item["files"] for item in listed.json()["items"]}
    assert [file["id"] for file in by_application[str(service.application_id)]] == ids
    assert by_application[empty] == []
    too_many = await service.gateway.post("/v1/files/batch", json={"ids": [empty] * 201})
    assert too_many.status_code == 422


async def test_the_body_of_a_batch_is_limited(service: Any) -> None:
    answer = await service.gateway.post("/v1/files/batch", content=b" " * 2_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "common.too_large")


@pytest.mark.parametrize(
    ("role", "seen"),
    [(Role.officer, 2), (Role.applicant, 2), (Role.expert, 1), (Role.provincial_client, 0)],
)
async def test_who_sees_files(service: Any, make: SimpleNamespace, role: Role, seen: int) -> None:
    version = await service.stage()
    blind = (await service.put(make.pdf(), "a.pdf")).json()["id"]
    identity = (await service.put(make.pdf(), "b.pdf", material="QZ-D05", bundle="identity")).json()["id"]
    async with http(service.app, actor(role)) as person:
        before = await person.post("/v1/files/batch", json={"ids": [blind, identity]})
        sealing = service.question(version) | {"id": str(new_id())}
        assert (await service.intake.post("/v1/bundles", json=sealing)).status_code == 201
        after = await person.post("/v1/files/batch", json={"ids": [blind, identity]})
    expected_before = 0 if role is Role.expert else seen
    assert len(before.json()["items"]) == expected_before
    assert len(after.json()["items"]) == seen
    if role is Role.expert:
        assert [item["id"] for item in after.json()["items"]] == [blind]


async def test_old_objects_without_a_row_are_swept(service: Any, make: SimpleNamespace) -> None:
    assert (await service.put(make.pdf())).status_code == 201
    [kept] = service.stored()
    old, fresh = kept.with_name("old"), kept.with_name("fresh")
    for path in (old, fresh):
        path.write_bytes(b"orphan")
    for path in (old, kept):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    assert await files.sweep_orphans(service.db, service.settings) == 1
    assert sorted(service.stored()) == sorted([kept, fresh])
    assert await files.sweep_orphans(service.db, service.settings) == 0
