"""Values that no column can hold, keys used twice, and services that speak for people."""

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI

from common.actor import Actor, Grant, actor_from_claims
from common.etag import IfMatchDep
from common.roles import Role
from common.testing import actor, http

OFFICER = actor(Role.officer)
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("content", [b'{"word": "a\\u0000b"}', b'{"word": "ab", "city": "a\\u0000"}'])
async def test_text_that_is_none_is_the_callers_fault(probe: FastAPI, content: bytes) -> None:
    scope = Actor(
        caller="gateway",
        subject="s",
        grants=(Grant(Role.officer, "a\0"),),
        cities=frozenset({"330800", "a\0"}),
    )
    async with http(probe, scope) as client:
        answer = await client.post("/v1/notes", content=content, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "common.unstorable")


@pytest.fixture
def revisions(probe: FastAPI) -> FastAPI:
    """The probe with a route that takes a revision."""
    routes = APIRouter()

    @routes.get("/v1/revision")
    async def told(revision: IfMatchDep) -> int:
        return revision

    probe.include_router(routes)
    return probe


@pytest.mark.parametrize(("told", "status"), [('"7"', 200), ("1" * 5000, 422), ("１", 422), ("-1", 422)])
async def test_a_revision_is_a_number_of_sane_length(revisions: FastAPI, told: str, status: int) -> None:
    async with http(revisions, OFFICER) as client:
        answer = await client.get("/v1/revision", headers={"if-match": told.encode()})
    assert answer.status_code == status


async def test_a_key_stands_for_the_query_too(probe: FastAPI) -> None:
    key = {"Idempotency-Key": "k"}
    async with http(probe, OFFICER) as client:
        dry = await client.post("/v1/notes?dry_run=true", json={"word": "水"}, headers=key)
        other = await client.post("/v1/notes", json={"word": "水"}, headers=key)
        again = await client.post("/v1/notes?dry_run=true", json={"word": "水"}, headers=key)
    assert dry.status_code == 201
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
    assert again.json() == dry.json()


@pytest.mark.parametrize("caller", ["eligibility", "quota", "documents", "operator"])
async def test_a_service_that_serves_nobody_speaks_for_nobody(probe: FastAPI, caller: str) -> None:
    async with http(probe, OFFICER, caller=caller) as client:
        assert (await client.post("/v1/notes", json={"word": "水"})).status_code == 401
        assert (await client.get("/v1/notes")).status_code == 401
    async with http(probe, caller=caller) as client:
        assert (await client.get("/v1/notes")).status_code == 200


def test_a_kind_of_login_counts_in_its_city_only() -> None:
    both = Actor(
        caller="gateway",
        subject="s",
        grants=(
            Grant(Role.recommender, "330800", None, "personal"),
            Grant(Role.recommender, "430400", None, "legal_person"),
            Grant(Role.officer, "430400"),
            Grant(Role.expert, "450300"),
        ),
        login_kind="legal_person",
        cities=frozenset({"330800", "430400", "450300"}),
    )
    kinds = {city: both.login_kind_in(city, Role.recommender) for city in sorted(both.cities)}
    assert kinds == {"330800": "personal", "430400": "legal_person", "450300": None}
    assert both.login_kind_in("430400", Role.officer) == "legal_person"
    carried = actor_from_claims("gateway", both.to_claims(), sorted(both.cities))
    assert carried == both


@pytest.mark.parametrize(
    ("roles", "found"),
    [
        ([Role.officer], {"430400"}),
        ([Role.officer, Role.applicant], {"330800", "430400"}),
        ([Role.auditor], set()),
        (list(Role), {"330800", "430400"}),
    ],
)
def test_the_cities_of_a_role(roles: list[Role], found: set[str]) -> None:
    grants: tuple[Any, ...] = (
        Grant(Role.applicant, "330800"),
        Grant(Role.officer, "430400"),
        Grant(Role.officer, "450300"),
    )
    person = Actor(caller="gateway", subject="s", grants=grants, cities=frozenset({"330800", "430400"}))
    assert person.cities_as(roles) == found
    assert Actor(caller="intake", cities=person.cities).cities_as(roles) == person.cities
