"""Guides for their readers: pages pass through the doors; the graph compares versions and names the pages."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from tests.gateway.conftest import Gateway, Make
from tests.gateway.owners import GUIDE, Owners, known, pack_version
from tests.gateway.test_doors import serving

from common import pages
from common.actor import Actor
from common.testing import tokens_of

REVIEW = f"/v1/guides/{GUIDE}/review"
HEADERS = pages.HEADERS | {"etag": '"e"', "cache-control": "public, no-cache", "x-inner": "secret"}
SAID = {"zh": "甲", "en": "first"}
CHANGED = {
    "guide": GUIDE,
    "title": SAID,
    "before": "a" * 64,
    "after": "b" * 64,
    "clauses": [
        {
            "id": "qz20-notice/4-2",
            "section": "四.2",
            "lines": "25",
            "before": SAID,
            "after": None,
            "changes": [
                {
                    "section": "rules",
                    "section_label": SAID,
                    "id": "QZ-4-2",
                    "kind": "changed",
                    "title": SAID,
                    "fields": [{"field": "require", "label": SAID, "before": None, "after": SAID}],
                }
            ],
        },
        {"id": None, "section": None, "lines": None, "before": None, "after": None, "changes": []},
    ],
}
QUERY = """query($guide: String!, $from: String, $to: String) {
  guideDiff(guide: $guide, from: $from, to: $to) { guide before after clauses { key section lines
    before { zh en } after { zh } changes { section sectionLabel { zh } key kind title { en }
      fields { name label { zh } before { zh } after { en } } } } } }"""


class Upstream:
    """Intake's pages as one small server, over a socket."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str], Actor, bytes]] = []
        self.app = FastAPI()
        self.app.add_api_route("/{path:path}", self._answer, methods=["GET", "POST"])

    async def _answer(self, request: Request) -> Response:
        actor = tokens_of("intake").verify(request.headers["authorization"].removeprefix("Bearer "))
        asked = f"{request.method} {request.url.path}"
        self.seen.append((asked, dict(request.query_params), actor, await request.body()))
        if request.headers.get("if-none-match") == '"e"':
            return Response(status_code=304, headers=HEADERS)
        return Response("<html>", 200, HEADERS, "text/html")


@pytest.fixture
async def upstream() -> AsyncIterator[tuple[Upstream, str]]:
    found = Upstream()
    async with serving(found.app) as url:
        yield found, url


@pytest.fixture
async def door(make: Make, upstream: tuple[Upstream, str], owners: Owners) -> Gateway:
    owners.people["guides"] = known("guide_administrator")
    made: Gateway = await make(intake_url=upstream[1])
    return made


async def test_pages_pass_through_with_what_guards_them(
    door: Gateway, upstream: tuple[Upstream, str]
) -> None:
    paths = [REVIEW, f"/v1/guides/{GUIDE}/versions/{'a' * 64}/review", f"/v1/guides/{GUIDE}/diff"]
    for path in paths:
        answer = await door.http.get(path, params={"lang": "en", "from": "x"})
        assert (answer.status_code, answer.text) == (200, "<html>")
        assert {answer.headers[name] for name in pages.HEADERS} == set(pages.HEADERS.values())
        assert answer.headers["cache-control"] == "public, no-cache"
        assert "x-inner" not in answer.headers
    same = await door.http.get(REVIEW, headers={"if-none-match": '"e"'})
    assert (same.status_code, same.content) == (304, b"")
    asked = [(one, query) for one, query, _, _ in upstream[0].seen]
    assert asked[:3] == [(f"GET {path}", {"lang": "en", "from": "x"}) for path in paths]
    assert all(actor.anonymous for _, _, actor, _ in upstream[0].seen)


async def test_an_administrator_sends_a_pack_to_look_at(
    door: Gateway, upstream: tuple[Upstream, str]
) -> None:
    body = {"text": "format: 1", "cases": ["[]"]}
    async with serving(door.app) as url, httpx.AsyncClient(base_url=url) as http:
        assert (await http.post("/v1/guides/review", json=body)).status_code == 401
        answer = await http.post("/v1/guides/review", json=body, headers=door.headers("guides"))
    assert (answer.status_code, answer.text) == (200, "<html>")
    ((asked, _, actor, sent),) = upstream[0].seen
    assert (asked, actor.subject) == ("POST /v1/guides/review", "guides@issuer.test")
    assert sent == answer.request.content


@pytest.mark.parametrize("wrong", ["%2e%2e", "%2e%2e%2fcalls", "a%3Fb", "a%23b", ".a"])
async def test_only_guides_are_reached_by_that_door(
    wrong: str, door: Gateway, upstream: tuple[Upstream, str]
) -> None:
    for path in (f"/v1/guides/{wrong}/review", f"/v1/guides/{GUIDE}/versions/{wrong}/review"):
        assert (await door.http.get(path)).status_code in (404, 422)
    assert not upstream[0].seen


async def test_what_a_version_changes(gateway: Gateway, owners: Owners) -> None:
    owners.intake.on("GET", f"/v1/guides/{GUIDE}/diff", lambda _body, _actor: CHANGED)
    data = await gateway.data(QUERY, guide=GUIDE, **{"from": "a" * 64})
    found = data["guideDiff"]
    assert (found["guide"], found["before"], found["after"]) == (GUIDE, "a" * 64, "b" * 64)
    clause, rest = found["clauses"]
    assert (clause["key"], clause["before"], clause["after"]) == ("qz20-notice/4-2", SAID, None)
    (change,) = clause["changes"]
    assert (change["key"], change["kind"], change["sectionLabel"]) == ("QZ-4-2", "changed", {"zh": "甲"})
    assert change["fields"] == [
        {"name": "require", "label": {"zh": "甲"}, "before": None, "after": {"en": "first"}}
    ]
    assert (rest["key"], rest["changes"]) == (None, [])
    assert owners.intake.bodies[-1][1] == {"format": "json", "from": "a" * 64}


@pytest.mark.parametrize("guide", ["no-such", "..", "a/b", "", "x?y"])
async def test_a_guide_that_is_not_there_has_no_comparison(
    gateway: Gateway, owners: Owners, guide: str
) -> None:
    assert await gateway.data(QUERY, guide=guide) == {"guideDiff": None}
    assert {route for route, _ in owners.intake.bodies} <= {"GET /v1/guides/no-such/diff"}


async def test_where_the_pages_are(gateway: Gateway) -> None:
    data: dict[str, Any] = await gateway.data(
        "query($id: ID!) { call(id: $id) { reviewPath version { reviewPath } } }", id=GUIDE
    )
    version = f"/v1/guides/{GUIDE}/versions/{pack_version()}/review"
    assert data["call"] == {"reviewPath": REVIEW, "version": {"reviewPath": version}}
