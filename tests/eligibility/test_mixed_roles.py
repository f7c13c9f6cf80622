"""A role in one city opens nothing in another city where the same person has another role."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from common.actor import Actor, Grant
from common.roles import Role
from common.testing import http

HERE, THERE = "330800", "430400"
REGISTER = "/v1/registers/credit_blacklist/entries"
Json = dict[str, Any]


def person(here: Role, there: Role) -> Actor:
    """Somebody with one role in the city of the rows, and another one elsewhere."""
    return Actor(
        caller="gateway",
        subject="somebody",
        grants=(Grant(here, HERE), Grant(there, THERE)),
        cities=frozenset({HERE, THERE}),
    )


@pytest.fixture
async def taken(intake: httpx.AsyncClient, question: Callable[..., Json]) -> Json:
    asked = question({"team.names": ["章文博"]})
    assert (await intake.post("/v1/assessments", json=asked)).status_code == 201
    return asked


@pytest.mark.parametrize("there", [Role.applicant, Role.officer])
@pytest.mark.parametrize("here", [Role.expert, Role.provincial_client])
async def test_assessments_stay_in_the_city_of_the_role(
    app: FastAPI, taken: Json, here: Role, there: Role
) -> None:
    async with http(app, person(here, there)) as client:
        for path, key in (("batch", "id"), ("by-application/batch", "application_id")):
            answer = await client.post(f"/v1/assessments/{path}", json={"ids": [taken[key]]})
            assert answer.json() == {"items": []}
        ids = {"ids": [taken["application_id"]]}
        assert (await client.post("/v1/decisions/by-application/batch", json=ids)).json() == {"items": []}


async def test_an_expert_reads_no_assessment(app: FastAPI, taken: Json) -> None:
    expert = Actor(
        caller="gateway", subject="e", grants=(Grant(Role.expert, HERE),), cities=frozenset({HERE})
    )
    async with http(app, expert) as client:
        answer = await client.post("/v1/assessments/batch", json={"ids": [taken["id"]]})
    assert answer.status_code == 403


async def test_an_officer_elsewhere_reads_no_register_here(app: FastAPI, operator: httpx.AsyncClient) -> None:
    entry = {
        "unit_uscc": "91330800TEST000017",
        "list_id": "city-credit",
        "from": "2020-06-01T00:00:00+08:00",
    }
    made = (await operator.post(REGISTER, json=entry)).json()
    async with http(app, person(Role.applicant, Role.officer)) as client:
        assert (await client.get(REGISTER)).json() == {"items": [], "next_cursor": None}
        assert (await client.get(f"{REGISTER}/{made['id']}/history")).status_code == 404
    async with http(app, person(Role.officer, Role.applicant)) as client:
        assert [one["id"] for one in (await client.get(REGISTER)).json()["items"]] == [made["id"]]
