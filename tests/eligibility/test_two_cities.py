"""Two cities with the same guide, unit and people: neither sees or counts the other's rows."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from common.ids import new_id
from common.roles import Role
from common.testing import actor, http
from guide import Pack

USCC = "91330800TEST000017"
Json = dict[str, Any]


@pytest.fixture
async def twin(
    app: FastAPI, publish: Callable[[str], Awaitable[Pack]], twin_text: str
) -> AsyncIterator[tuple[httpx.AsyncClient, Pack]]:
    pack = await publish(twin_text)
    async with http(app, caller="intake", cities=("430400",)) as client:
        yield client, pack


def entries() -> dict[str, Json]:
    begun = {"from": "2019-01-01T00:00:00+08:00", "unit_uscc": USCC}
    return {
        "credit_blacklist": {**begun, "list_id": "x"},
        "projects_in_progress": {
            **begun,
            "title": "x",
            "level": "city",
            "subsidised": True,
            "status": "in_progress",
            "leader_ids": ["p-lead"],
            "member_ids": ["p-main"],
        },
    }


async def test_registers_of_one_city_do_not_count_in_the_other(
    intake: httpx.AsyncClient,
    twin: tuple[httpx.AsyncClient, Pack],
    question: Callable[..., Json],
    finding: Callable[[Json, str], Json],
) -> None:
    other, pack = twin
    for register, entry in entries().items():
        assert (await other.post(f"/v1/registers/{register}/entries", json=entry)).status_code == 201
    here = question({"applicant.type": "enterprise"})
    there = {**here, "id": str(new_id()), "city": "430400", "guide": pack.id, "pack_version": pack.version}
    ours = (await intake.post("/v1/assessments", json=here)).json()
    theirs = (await other.post("/v1/assessments", json=there)).json()
    assert finding(ours, "QZ-SUB-04")["outcome"] == "pass"
    assert finding(theirs, "QZ-SUB-04")["outcome"] == "fail"
    assert finding(ours, "QZ-4-4c")["outcome"] == "pass"
    assert finding(theirs, "QZ-4-4c")["outcome"] == "fail"


async def test_rows_of_one_city_do_not_exist_in_the_other(
    app: FastAPI,
    intake: httpx.AsyncClient,
    twin: tuple[httpx.AsyncClient, Pack],
    question: Callable[..., Json],
    pack: Pack,
) -> None:
    other, other_pack = twin
    asked = question({"project.topic": next(iter(pack.topics))})
    assert (await intake.post("/v1/assessments", json=asked)).status_code == 201
    decided = {
        "id": str(new_id()),
        "application_id": asked["application_id"],
        "city": "330800",
        "rule": "QZ-DIR-01",
        "facts": {"project.topic_fit": True},
        "reason": "x",
        "decided_by": "o",
        "decided_at": "2020-06-14T00:00:00Z",
    }
    assert (await intake.post("/v1/decisions", json=decided)).status_code == 201
    async with http(app, actor(Role.officer, city="430400")) as stranger:
        for reader in (other, stranger):
            for path, ids in (
                ("assessments/batch", [asked["id"]]),
                ("assessments/by-application/batch", [asked["application_id"]]),
                ("decisions/by-application/batch", [asked["application_id"]]),
            ):
                assert (await reader.post(f"/v1/{path}", json={"ids": ids})).json() == {"items": []}
            trail = await reader.get("/v1/audit", params={"application_id": asked["application_id"]})
            assert trail.json() == {"items": []}
    # the id is taken by a row that this city may not see: it hears that, and nothing about the row
    stolen = {**asked, "city": "430400", "guide": other_pack.id, "pack_version": other_pack.version}
    answer = await other.post("/v1/assessments", json=stolen)
    assert (answer.status_code, answer.json()["code"]) == (409, "eligibility.assessment_taken")
    taken = await other.post("/v1/decisions", json={**decided, "city": "430400"})
    assert (taken.status_code, taken.json()["code"]) == (404, "eligibility.not_assessed")


async def test_pack_of_one_city_does_not_judge_for_the_other(
    intake: httpx.AsyncClient, twin: tuple[httpx.AsyncClient, Pack], question: Callable[..., Json]
) -> None:
    _, pack = twin
    answer = await intake.post("/v1/assessments", json=question(guide=pack.id, pack_version=pack.version))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/city"]
