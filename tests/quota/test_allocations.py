"""Staging and activating a guide's quota tables."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from common.errors import Forbidden
from common.roles import Role
from common.testing import actor, http
from quota.allocations.schemas import AllocationIn
from quota.allocations.service import LimitBelowUse, VersionDiffers, VersionUnknown, stage

JSON = {"Content-Type": "application/json"}
VERSION = "61".ljust(64, "0")
ROWS = {"major/city": 7, "major/kecheng": 5, "major/qujiang": 2, "patent/city": 16}


def path(house: Any, version: str) -> str:
    return f"/v1/guides/{house.guide}/versions/{version}"


async def test_staged_pools_are_closed_until_activation(quota: Any) -> None:
    await quota.stage(ROWS)
    assert (await quota.pool("major/qujiang")).limit == 0
    await quota.activate()
    pool = await quota.pool("major/qujiang")
    assert (pool.limit, pool.used, pool.left) == (2, 0, 2)
    assert (pool.category, pool.row, pool.unit_zh) == ("major", "major/qujiang", "单位 major/qujiang")


async def test_api_stages_and_activates(quota: Any) -> None:
    version = "ab" * 32
    body = {"city": quota.city, "blocks": quota.blocks(ROWS)}
    async with quota.by_intake() as intake:
        for _ in range(2):  # repeatable
            staged = await intake.put(path(quota, version), json=body)
            assert staged.status_code == 200
            assert staged.json() == {"city": quota.city, "guide": quota.guide, "version": version}
        for _ in range(2):
            active = await intake.post(f"/v1/guides/{quota.guide}/activate", json={"version": version})
            assert active.status_code == 200
            assert [pool["row"] for pool in active.json()["pools"]] == list(ROWS)
            assert [pool["limit"] for pool in active.json()["pools"]] == list(ROWS.values())
    assert len(await quota.ledger("major/qujiang")) == 1


async def test_a_version_never_changes(quota: Any) -> None:
    await quota.stage(ROWS)
    with pytest.raises(VersionDiffers):
        await quota.stage(ROWS | {"major/city": 8})
    await quota.activate()
    assert (await quota.pool("major/city")).limit == 7


async def test_limits_never_fall_below_use(quota: Any) -> None:
    await quota.allot(ROWS)
    await quota.take("major/qujiang")
    await quota.take("major/qujiang")
    await quota.stage({"major/city": 9, "major/qujiang": 1, "patent/city": 3}, "b")
    with pytest.raises(LimitBelowUse) as refused:
        await quota.activate("b")
    assert refused.value.extra["rows"] == [
        {
            "key": quota.key("major/qujiang"),
            "row": "major/qujiang",
            "unit_zh": "单位 major/qujiang",
            "limit": 1,
            "used": 2,
        }
    ]
    assert [(await quota.pool(row)).limit for row in ROWS] == list(ROWS.values())
    assert await quota.explained()


async def test_a_row_that_a_version_lacks_is_closed_and_a_new_one_opened(quota: Any) -> None:
    await quota.allot(ROWS)
    await quota.allot({"major/city": 7, "major/kaihua": 3}, "b")
    assert (await quota.pool("major/qujiang")).limit == 0
    assert (await quota.pool("major/kaihua")).limit == 3
    await quota.activate("a")  # back again
    assert (await quota.pool("major/qujiang")).limit == 2
    history = await quota.ledger("major/qujiang")
    assert [(entry.kind, entry.delta, entry.limit) for entry in history] == [
        ("limit", 0, 2),
        ("limit", 0, 0),
        ("limit", 0, 2),
    ]
    assert [entry.seq for entry in history] == [1, 2, 3]


async def test_an_unknown_version_or_another_citys_is_refused(quota: Any) -> None:
    await quota.stage(ROWS)
    with pytest.raises(VersionUnknown):
        await quota.activate("b")
    async with quota.by_intake("330100") as stranger:
        answer = await stranger.post(
            f"/v1/guides/{quota.guide}/activate", json={"version": "61".ljust(64, "0")}
        )
    assert (answer.status_code, answer.json()["code"]) == (404, "quota.version_unknown")


async def test_a_guide_without_quotas_is_fine(quota: Any) -> None:
    await quota.allot({})


def first_row(**values: Any) -> Callable[[list[dict[str, Any]]], None]:
    return lambda blocks: blocks[0]["rows"][0].update(values)


BAD_BODIES: list[tuple[str, Callable[[list[dict[str, Any]]], None], str]] = [
    ("header and rows disagree", lambda blocks: blocks[0].update(total=15), "/blocks/0/total"),
    (
        "a row twice",
        lambda blocks: blocks[0]["rows"].append(blocks[0]["rows"][0]),
        "/blocks/0/rows/3/id",
    ),
    (
        "a unit twice",
        lambda blocks: blocks[0]["rows"][1].update(unit_zh=blocks[0]["rows"][0]["unit_zh"]),
        "/blocks/0/rows/1/unit_zh",
    ),
    ("a category twice", lambda blocks: blocks.append(blocks[0]), "/blocks/2/category"),
    ("a row of another block", first_row(id="rd/x"), "/blocks/0/rows/0/id"),
    ("a limit below zero", first_row(limit=-1), "/blocks/0/rows/0/limit"),
    ("a limit as text", first_row(limit="7"), "/blocks/0/rows/0/limit"),
    (
        "a limit past all bounds",
        first_row(limit=10**19),
        "/blocks/0/rows/0/limit",
    ),
    ("a NUL", first_row(unit_zh="市\x00级"), "/blocks/0/rows/0/unit_zh"),
    (
        "half a character",
        first_row(unit_zh="\ud800"),
        "/blocks/0/rows/0/unit_zh",
    ),
    ("no rows", lambda blocks: blocks[0].update(rows=[]), "/blocks/0/rows"),
    ("an unknown member", lambda blocks: blocks[0].update(note="x"), "/blocks/0/note"),
]


@pytest.mark.parametrize(("_case", "spoil", "pointer"), BAD_BODIES, ids=[case[0] for case in BAD_BODIES])
async def test_bad_tables_are_refused_and_change_nothing(
    quota: Any, _case: str, spoil: Any, pointer: str
) -> None:
    blocks = quota.blocks(ROWS)
    spoil(blocks)
    async with quota.by_intake() as intake:
        body = json.dumps({"city": quota.city, "blocks": blocks})  # ASCII: carries what UTF-8 cannot
        answer = await intake.put(path(quota, "ab" * 32), content=body, headers=JSON)
        listed = await intake.get("/v1/pools", params={"guide": quota.guide})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert listed.json()["items"] == []


async def test_bad_ids_and_cities_are_refused(quota: Any) -> None:
    body = {"city": quota.city, "blocks": quota.blocks(ROWS)}
    async with quota.by_intake() as intake:
        assert (await intake.put(path(quota, "not-a-hash"), json=body)).status_code == 422
        assert (await intake.put(path(quota, "ab" * 32), json=body | {"city": "衢州"})).status_code == 422
        assert (await intake.put(path(quota, "ab" * 32), json=body | {"city": "330100"})).status_code == 403
        assert (await intake.put(path(quota, "ab" * 32), content=b"{")).status_code == 422
    wanted = AllocationIn.model_validate(body)
    with pytest.raises(Forbidden):
        await stage(quota.db, actor(city="330100"), quota.guide, "ab" * 32, wanted)


@pytest.mark.parametrize("role", [Role.officer, Role.guide_administrator, Role.recommender])
async def test_people_neither_stage_nor_activate(quota: Any, role: Role) -> None:
    async with quota.by(actor(role)) as person:
        body = {"city": quota.city, "blocks": []}
        assert (await person.put(path(quota, "ab" * 32), json=body)).status_code == 403
        answer = await person.post(f"/v1/guides/{quota.guide}/activate", json={"version": "ab" * 32})
        assert answer.status_code == 403


async def test_activation_needs_one_city(quota: Any) -> None:
    async with http(quota.app, caller="operator", cities=("330800", "330100")) as operator:
        url = f"/v1/guides/{quota.guide}/activate"
        unnamed = await operator.post(url, json={"version": "ab" * 32})
        named = await operator.post(url, json={"version": "ab" * 32, "city": "330800"})
    assert (unnamed.status_code, unnamed.json()["code"]) == (422, "quota.city_needed")
    assert (named.status_code, named.json()["code"]) == (404, "quota.version_unknown")
