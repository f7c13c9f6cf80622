"""Rows against manifests and against the bytes in the store; and what the sweep spares after a restore."""

import os
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from common import restores
from common.actor import Actor
from common.clock import clock
from common.db import ALL_CITIES
from common.ids import new_id
from common.testing import http
from documents.files import service as files
from documents.reconciliation import service as reconciliation

BASE = "/v1/reconciliation"


@pytest.fixture
async def service(service: Any) -> Any:
    """On empty tables: what other tests have committed is hidden for the length of the test."""
    async with service.db.write(ALL_CITIES) as session:
        for table in ("file_texts", "bundles", "files"):
            await session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # ours
    return service


async def asked(service: Any, path: str, **params: Any) -> Any:
    async with http(service.app, caller="operator") as client:
        answer = await client.get(f"{BASE}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def path_of(service: Any, key: str) -> Any:
    return service.settings.store_path / key


async def stored(service: Any, count: int, make: Any) -> list[str]:
    """Keys of so many fresh files, by file id."""
    for number in range(count):
        answer = await service.put(make.pdf(f"报告{number}"), f"报告{number}.pdf")
        assert answer.status_code == 201, answer.text
    async with service.db.read(ALL_CITIES) as session:
        return list(await session.scalars(text("SELECT object_key FROM files ORDER BY id")))


async def test_each_file_against_its_object(service: Any, make: Any) -> None:
    whole, gone, shorter, altered = await stored(service, 4, make)
    path_of(service, gone).unlink()
    path_of(service, shorter).write_bytes(b"%PDF-1.7")
    content = bytearray(path_of(service, altered).read_bytes())
    content[-1] ^= 1
    path_of(service, altered).write_bytes(content)
    found = (await asked(service, "files"))["items"]
    assert [one["object"] for one in found] == ["whole", "missing", "altered", "altered"]
    assert whole.split("/")[2] == found[0]["id"]
    looked = (await asked(service, "files", content=False))["items"]
    assert [one["object"] for one in looked] == ["whole", "missing", "altered", "whole"]


async def test_a_page_ends_when_enough_was_read(
    service: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored(service, 3, make)
    monkeypatch.setattr(reconciliation, "PAGE_BYTES", 1)
    seen, cursor = [], None
    while True:
        page = await asked(service, "files", **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) == 1
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(seen)
    assert len(seen) == 3


async def test_objects_without_a_row_are_told_by_file(service: Any, make: Any) -> None:
    kept, lost = await stored(service, 2, make)
    async with service.db.write(ALL_CITIES) as session:
        for table in ("file_texts", "files"):
            column = "file_id" if table == "file_texts" else "id"
            query = f"DELETE FROM {table} WHERE {column} = CAST(:id AS uuid)"  # noqa: S608  # ours
            await session.execute(text(query), {"id": lost.split("/")[2]})
    stray = path_of(service, "330800/stray")
    stray.write_bytes(b"?")
    found = await asked(service, "objects")
    assert found == {"count": 3, "without_row": 2, "file_ids": [lost.split("/")[2]]}
    assert kept.split("/")[2] not in found["file_ids"]


async def test_the_sweep_spares_what_a_restore_lost(service: Any) -> None:
    """Between the backup and the restore: a lost row. Before it: left over from a broken upload."""
    now = clock.system()
    before, between = (path_of(service, f"330800/{name}") for name in ("before", "between"))
    for path, age in ((before, 10), (between, 3)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"bytes")
        at = (now - timedelta(days=age)).timestamp()
        os.utime(path, (at, at))
    async with service.db.write(ALL_CITIES) as session:
        await restores.record(session, Actor(caller="operator"), "f" * 64, now - timedelta(days=5))
    assert await files.sweep_orphans(service.db, service.settings) == 1
    assert (before.exists(), between.exists()) == (False, True)


async def test_only_the_operator_asks(service: Any) -> None:
    for path in ("files", "bundles", "objects", "guides"):
        async with http(service.app, caller="intake") as client:
            assert (await client.get(f"{BASE}/{path}")).status_code == 403


async def test_a_bundle_is_whole_while_manifest_and_rows_agree(service: Any, make: Any) -> None:
    version = await service.stage()
    sealed = []
    for number in range(3):
        await service.put(make.pdf(f"材料{number}"), f"材料{number}.pdf")
        body = {"id": str(new_id()), **service.question(version)}
        answer = await service.intake.post("/v1/bundles", json=body)
        assert answer.status_code == 201, answer.text
        sealed.append(answer.json())
    found = await asked(service, "bundles", limit=2)
    rest = await asked(service, "bundles", limit=2, cursor=found["next_cursor"])
    lines = {one["id"]: one for one in (*found["items"], *rest["items"])}
    assert rest["next_cursor"] is None
    assert {one["id"]: one["manifest_sha256"] for one in sealed} == {
        key: one["manifest_sha256"] for key, one in lines.items()
    }
    assert all(one["whole"] for one in lines.values())
    damage = {
        sealed[0]["id"]: "UPDATE bundles SET manifest = manifest || ' ' WHERE id = CAST(:id AS uuid)",
        sealed[2][
            "id"
        ]: "UPDATE files SET sha256 = repeat('0', 64) WHERE version_no = 1 AND name = '材料2.pdf'",
    }
    async with service.db.write(ALL_CITIES) as session:
        for bundle, query in damage.items():
            await session.execute(text(query), {"id": bundle} if ":id" in query else {})
    after = {one["id"]: one["whole"] for one in (await asked(service, "bundles"))["items"]}
    assert after == {one["id"]: one["id"] == sealed[1]["id"] for one in sealed}
