"""The doors of reports: for whoever reads the application openly, and handed on as eligibility made it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from tests.gateway.conftest import Gateway, Make
from tests.gateway.owners import Owners, application, assessment, by_ids, known
from tests.gateway.test_doors import serving

from common.ids import new_id
from common.testing import tokens_of
from gateway.nouns.base import global_id

POLICY = "default-src 'none'"


class Eligibility:
    """What the door streams from: it notes who asks for what."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.app = FastAPI()
        self.app.add_api_route("/{path:path}", self._answer, methods=["GET", "POST"])

    async def _answer(self, path: str, request: Request) -> Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        acting = tokens_of("eligibility").verify(token)
        self.asked.append((f"/{path}", dict(request.query_params), acting.lang))
        headers = {"content-security-policy": POLICY, "x-content-type-options": "nosniff", "x-inner": "1"}
        return Response(b"<!DOCTYPE html>", 200, headers, "text/html; charset=utf-8")


@pytest.fixture
async def eligibility() -> AsyncIterator[tuple[Eligibility, str]]:
    found = Eligibility()
    async with serving(found.app) as url:
        yield found, url


@pytest.fixture
async def door(make: Make, eligibility: tuple[Eligibility, str]) -> Gateway:
    made: Gateway = await make(eligibility_url=eligibility[1])
    return made


@pytest.fixture
def taken(owners: Owners) -> str:
    """An assessment of an application that its unit reads openly; eligibility shows it to the whole city."""
    owners.people["somebody"] = known("applicant")
    key, made = str(new_id()), str(new_id())
    owners.applications[key] = application(key, state="submitted", unit_id=str(new_id()))
    owners.eligibility.on("POST", "/v1/assessments/batch", by_ids({made: assessment(made, key)}))
    return made


async def get(door: Gateway, taken: str, subject: str | None = "somebody", **query: str) -> Any:
    return await door.http.get(
        f"/v1/reports/assessments/{taken}", headers=door.headers(subject), params=query
    )


async def test_a_page_comes_through_as_it_is(
    door: Gateway, eligibility: tuple[Eligibility, str], taken: str
) -> None:
    answer = await get(door, taken, format="html", lang="en")
    assert (answer.status_code, answer.text) == (200, "<!DOCTYPE html>")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "x-inner" not in answer.headers
    (asked,) = eligibility[0].asked
    assert asked == (f"/v1/assessments/{taken}/report", {"format": "html", "lang": "en"}, "zh")


async def test_graphql_names_the_path(door: Gateway, taken: str) -> None:
    query = "query($id: ID!) { node(id: $id) { ... on Assessment { reportPath again { reason } } } }"
    data = await door.data(query, "somebody", id=global_id("Assessment", taken))
    assert data["node"] == {"reportPath": f"/v1/reports/assessments/{taken}", "again": None}


async def test_who_reads_blind_gets_none(
    door: Gateway, owners: Owners, eligibility: tuple[Eligibility, str], taken: str
) -> None:
    """Also where the same person may ask eligibility for the city."""
    for row in owners.applications.values():
        row["unit_id"] = None
    assert (await get(door, taken)).status_code == 404
    assert eligibility[0].asked == []


async def test_an_application_that_intake_does_not_show_has_none(
    door: Gateway, owners: Owners, eligibility: tuple[Eligibility, str], taken: str
) -> None:
    owners.applications.clear()
    assert (await get(door, taken)).status_code == 404
    assert (await get(door, str(new_id()))).status_code == 404
    assert eligibility[0].asked == []


async def test_visitors_get_none(door: Gateway, eligibility: tuple[Eligibility, str], taken: str) -> None:
    assert (await get(door, taken, None)).status_code == 401
    assert eligibility[0].asked == []


async def test_visitors_print_a_precheck(door: Gateway, eligibility: tuple[Eligibility, str]) -> None:
    answer = await door.http.post("/v1/reports/prechecks?format=html", json={"guide": "qz-2020"})
    assert answer.status_code == 200, answer.text
    assert eligibility[0].asked == [("/v1/prechecks/report", {"format": "html"}, "zh")]
