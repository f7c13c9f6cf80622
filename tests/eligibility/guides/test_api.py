"""Staging and activating packs, and the facts catalogue."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from common.roles import Role
from common.testing import actor, http
from eligibility.guides.packs import Packs
from guide import Pack, PackRefused, load_pack


def url(pack: Pack) -> str:
    return f"/v1/guides/{pack.id}/versions/{pack.version}"


@pytest.fixture
async def publisher(bare_app: FastAPI) -> Any:
    async with http(bare_app, caller="intake", cities=("330800",)) as client:
        yield client


async def test_stage_activate_and_read(
    bare_app: FastAPI, publisher: httpx.AsyncClient, pack: Pack, pack_text: str
) -> None:
    body = {"city": "330800", "text": pack_text}
    first, again = await publisher.put(url(pack), json=body), await publisher.put(url(pack), json=body)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json() == {"guide": "qz-2020", "version": pack.version}
    async with http(bare_app, actor(Role.applicant)) as anyone:
        assert (await anyone.get("/v1/guides/qz-2020/facts")).status_code == 404
        done = await publisher.post("/v1/guides/qz-2020/activate", json={"version": pack.version})
        assert (done.status_code, done.json()["version"]) == (200, pack.version)
        facts = (await anyone.get("/v1/guides/qz-2020/facts")).json()["items"]
    by_name = {fact["name"]: fact for fact in facts}
    assert set(by_name) == set(pack.facts)
    assert by_name["budget.rd_total"] == {
        "name": "budget.rd_total",
        "type": "money",
        "unit": "yuan",
        "owner": "app",
        "allowed": None,
        "label_zh": "研发投入预算",
        "label_en": "budgeted R&D investment",
        "rules": ["QZ-4-2"],
    }
    assert "enterprise" in by_name["applicant.type"]["allowed"]


async def test_activating_a_version_that_is_not_staged(
    publisher: httpx.AsyncClient, intake: httpx.AsyncClient
) -> None:
    unknown = await intake.post("/v1/guides/qz-2020/activate", json={"version": "0" * 64})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "eligibility.pack_version_unknown")
    bad = await intake.post("/v1/guides/qz-2020/activate", json={"version": "newest"})
    assert bad.status_code == 422


@pytest.mark.parametrize("role", [Role.officer, Role.guide_administrator, Role.applicant])
async def test_people_do_not_publish_here(app: FastAPI, pack: Pack, pack_text: str, role: Role) -> None:
    async with http(app, actor(role)) as client:
        body = {"city": "330800", "text": pack_text}
        assert (await client.put(url(pack), json=body)).status_code == 403
        done = await client.post("/v1/guides/qz-2020/activate", json={"version": pack.version})
        assert done.status_code == 403


async def test_only_intake_and_operator_publish(app: FastAPI, pack: Pack, pack_text: str) -> None:
    async with http(app, caller="quota") as client:
        body = {"city": "330800", "text": pack_text}
        assert (await client.put(url(pack), json=body)).status_code == 403


async def test_a_pack_is_what_its_address_says(
    publisher: httpx.AsyncClient, pack: Pack, pack_text: str
) -> None:
    good = {"city": "330800", "text": pack_text}
    wrong_version = await publisher.put(f"/v1/guides/qz-2020/versions/{'0' * 64}", json=good)
    wrong_guide = await publisher.put(f"/v1/guides/qz-2021/versions/{pack.version}", json=good)
    broken = await publisher.put(
        url(pack), json={**good, "text": pack_text.replace("format: 1", "format: 9")}
    )
    no_yaml = await publisher.put(url(pack), json={**good, "text": "]["})
    for answer, pointer in (
        (wrong_version, "/path/version"),
        (wrong_guide, "/path/guide"),
        (broken, "/text#/format"),
        (no_yaml, "/text#"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "eligibility.pack_refused")
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_a_city_publishes_for_itself(publisher: httpx.AsyncClient, twin_text: str) -> None:
    twin = load_pack(twin_text)
    foreign = await publisher.put(url(twin), json={"city": "430400", "text": twin_text})
    assert foreign.status_code == 403
    lying = await publisher.put(url(twin), json={"city": "330800", "text": twin_text})
    assert (lying.status_code, lying.json()["errors"][0]["pointer"]) == (422, "/city")


async def test_a_guide_id_belongs_to_one_city(app: FastAPI, twin_text: str, finding: Any) -> None:
    stolen = twin_text.replace("id: qz-2020-twin\n", "id: qz-2020\n", 1)
    other = load_pack(stolen)
    async with http(app, caller="intake", cities=("430400",)) as client:
        assert (await client.put(url(other), json={"city": "430400", "text": stolen})).status_code == 200
        taken = await client.post("/v1/guides/qz-2020/activate", json={"version": other.version})
    assert (taken.status_code, taken.json()["code"]) == (409, "eligibility.guide_of_other_city")


class Source:
    """Gives a text, and counts how often it is asked."""

    def __init__(self, text: str) -> None:
        self.text, self.asked = text, 0

    async def __call__(self) -> str:
        self.asked += 1
        return self.text


async def test_packs_are_compiled_once_for_all_who_wait(pack: Pack, pack_text: str) -> None:
    packs, source = Packs(2), Source(pack_text)
    found = await asyncio.gather(*(packs.get(pack.version, source) for _ in range(5)))
    assert source.asked == 1
    assert all(one is found[0] for one in found)


async def test_the_pack_used_longest_ago_goes_first(
    pack: Pack, pack_text: str, next_text: str, twin_text: str
) -> None:
    packs, source = Packs(2), Source(pack_text)
    await packs.get(pack.version, source)
    await packs.get("next", Source(next_text))
    await packs.get(pack.version, source)
    await packs.get("twin", Source(twin_text))
    await packs.get(pack.version, source)
    assert source.asked == 1
    again = Source(next_text)
    await packs.get("next", again)
    assert again.asked == 1


async def test_a_failure_is_not_kept(pack: Pack, pack_text: str) -> None:
    packs, broken = Packs(2), Source("][")
    for _ in range(2):
        with pytest.raises(PackRefused):
            await packs.get(pack.version, broken)
    assert broken.asked == 2
    assert (await packs.get(pack.version, Source(pack_text))).version == pack.version
