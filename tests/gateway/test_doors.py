"""The doors of files and feeds: streams pass through, whole and unchanged; what the outside may know."""

import asyncio
import hashlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute, iter_route_contexts
from joserfc.jwk import OKPKey
from tests.gateway.conftest import ISSUER, Gateway, Make
from tests.gateway.owners import Owners, known

from common.ids import new_id
from common.testing import tokens_of

CHUNK, CHUNKS = b"x" * 65_536, 200


class Upstream:
    """Documents and intake as one small server, over a socket: streams never go in process."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.first_chunk = asyncio.Event()
        self.app = FastAPI()
        self.app.add_api_route("/v1/files", self._upload, methods=["POST"])
        self.app.add_api_route("/v1/files/{file_id}", self._download, methods=["GET"])
        self.app.add_api_route("/v1/feeds/{feed}/{part}", self._feed, methods=["GET"])
        self.app.add_api_route("/v1/memberships/import/file", self._import, methods=["POST"])
        self.app.add_api_route("/v1/registers/hnte/import", self._import, methods=["POST"])

    def _note(self, request: Request, service: str, **more: Any) -> None:
        token = request.headers["authorization"].removeprefix("Bearer ")
        actor = tokens_of(service).verify(token)
        self.seen.append({"actor": actor, "headers": dict(request.headers), **more})

    async def _upload(self, request: Request) -> Response:
        digest, size = hashlib.sha256(), 0
        async for chunk in request.stream():
            self.first_chunk.set()
            digest.update(chunk)
            size += len(chunk)
        self._note(request, "documents", size=size, sha256=digest.hexdigest())
        return Response(
            json.dumps({"size": size}), 201, {"x-inner": "secret", "location": "/x"}, "application/json"
        )

    async def _download(self, request: Request, file_id: str) -> Response:
        self._note(request, "documents", file_id=file_id, query=dict(request.query_params))
        if request.headers.get("if-none-match") == '"e"':
            return Response(status_code=304, headers={"etag": '"e"'})
        if request.headers.get("range"):
            headers = {"content-range": "bytes 0-3/10", "etag": '"e"'}
            return Response(b"abcd", 206, headers, "application/pdf")

        async def body() -> AsyncIterator[bytes]:
            for _ in range(CHUNKS):
                yield CHUNK

        headers = {"content-disposition": "attachment; filename=a.pdf", "etag": '"e"', "x-inner": "secret"}
        return StreamingResponse(body(), 200, headers, "application/pdf")

    async def _import(self, request: Request) -> Response:
        body = await request.body()
        service = "eligibility" if "registers" in request.url.path else "intake"
        self._note(request, service, size=len(body), query=dict(request.query_params))
        return Response(b'{"problems":[]}', 422, {"x-inner": "secret"}, "application/problem+json")

    async def _feed(self, request: Request, feed: str, part: str) -> Response:
        self._note(request, "intake", feed=feed, part=part, query=dict(request.query_params))
        headers = {"link": '</v1/feeds/a/changes?cursor=2>; rel="next"', "etag": '"f"'}
        return Response(b'{"items":[]}', 200, headers, "application/json")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The app on a free port of this machine."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = _Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        async with asyncio.timeout(10):
            await server.listens.wait()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


@pytest.fixture
async def upstream() -> AsyncIterator[tuple[Upstream, str]]:
    found = Upstream()
    async with serving(found.app) as url:
        yield found, url


@pytest.fixture
async def door(make: Make, upstream: tuple[Upstream, str], owners: Owners) -> Gateway:
    owners.people["province"] = known("provincial_client")
    urls = dict.fromkeys(("documents_url", "intake_url", "eligibility_url"), upstream[1])
    made: Gateway = await make(**urls, max_body_bytes=1000)
    return made


async def test_an_upload_is_streamed_on(door: Gateway, upstream: tuple[Upstream, str]) -> None:
    digest = hashlib.sha256()

    async def body() -> AsyncIterator[bytes]:
        for _ in range(CHUNKS):
            digest.update(CHUNK)
            yield CHUNK

    async with serving(door.app) as url, httpx.AsyncClient(base_url=url) as http:
        answer = await http.post("/v1/files", content=body(), headers={"upload-ticket": "t"})
    assert answer.status_code == 201
    assert answer.json() == {"size": len(CHUNK) * CHUNKS}
    assert "x-inner" not in answer.headers
    seen = upstream[0].seen[0]
    assert seen["sha256"] == digest.hexdigest()
    assert seen["headers"]["upload-ticket"] == "t"
    assert seen["actor"].anonymous


@pytest.mark.parametrize("path", ["/v1/memberships/import/file", "/v1/registers/hnte/import"])
async def test_a_file_is_streamed_on(door: Gateway, upstream: tuple[Upstream, str], path: str) -> None:
    content, query = b"x" * 20_000, {"kind": "csv", "city": "330800", "dry_run": "true"}
    async with serving(door.app) as url, httpx.AsyncClient(base_url=url) as http:
        assert (await http.post(path, content=content, params=query)).status_code == 401
        headers = door.headers("head")
        answer = await http.post(path, content=content, params=query, headers=headers)
    assert (answer.status_code, answer.json()) == (422, {"problems": []})
    (seen,) = upstream[0].seen
    assert (seen["size"], seen["query"], seen["actor"].subject) == (20_000, query, "head@issuer.test")


async def test_an_upload_reaches_documents_before_it_is_complete(
    door: Gateway, upstream: tuple[Upstream, str]
) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield CHUNK
        async with asyncio.timeout(10):
            await upstream[0].first_chunk.wait()
        yield CHUNK

    async with serving(door.app) as url, httpx.AsyncClient(base_url=url) as http:
        answer = await http.post("/v1/files", content=body(), headers={"upload-ticket": "t"})
    assert answer.json() == {"size": 2 * len(CHUNK)}


async def test_an_upload_without_a_ticket_is_refused(door: Gateway, upstream: tuple[Upstream, str]) -> None:
    answer = await door.http.post("/v1/files", content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (401, "common.unauthenticated")
    assert not upstream[0].seen


async def test_a_download_is_streamed_back(door: Gateway, upstream: tuple[Upstream, str]) -> None:
    key = str(new_id())
    async with (
        serving(door.app) as url,
        httpx.AsyncClient(base_url=url) as http,
        http.stream("GET", f"/v1/files/{key}", params={"ticket": "a+b"}) as answer,
    ):
        received = [chunk async for chunk in answer.aiter_raw()]
    assert sum(map(len, received)) == len(CHUNK) * CHUNKS
    assert answer.headers["etag"] == '"e"'
    assert answer.headers["content-disposition"] == "attachment; filename=a.pdf"
    assert "x-inner" not in answer.headers
    assert upstream[0].seen[0]["query"] == {"ticket": "a+b"}
    assert upstream[0].seen[0]["file_id"] == key


async def test_ranges_and_conditions_pass_through(door: Gateway) -> None:
    path = f"/v1/files/{new_id()}?ticket=t"
    part = await door.http.get(path, headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"abcd", "bytes 0-3/10")
    same = await door.http.get(path, headers={"if-none-match": '"e"'})
    assert (same.status_code, same.content) == (304, b"")


@pytest.mark.parametrize("wrong", ["..", "x", "%2e%2e%2fguides", "a%3Fb"])
async def test_only_files_are_reached_by_that_door(
    wrong: str, door: Gateway, upstream: tuple[Upstream, str]
) -> None:
    answer = await door.http.get(f"/v1/files/{wrong}", params={"ticket": "t"})
    assert answer.status_code in (404, 405, 422)
    assert not upstream[0].seen


async def test_feeds_need_a_token_and_keep_links_and_tags(
    door: Gateway, upstream: tuple[Upstream, str]
) -> None:
    path = "/v1/feeds/approved-projects/changes?cursor=1"
    assert (await door.http.get(path)).status_code == 401
    answer = await door.http.get(path, headers=door.headers("province"))
    assert answer.json() == {"items": []}
    assert answer.headers["link"].endswith('rel="next"')
    assert answer.headers["etag"] == '"f"'
    seen = upstream[0].seen[0]
    assert (seen["feed"], seen["part"], seen["query"]) == ("approved-projects", "changes", {"cursor": "1"})
    assert seen["actor"].subject == "province@issuer.test"
    assert (
        await door.http.get("/v1/feeds/a%3Fb/changes", headers=door.headers("province"))
    ).status_code == 422


async def test_a_service_that_is_away_is_named(make: Make) -> None:
    gateway: Gateway = await make(documents_url="http://127.0.0.1:1")
    answer = await gateway.http.get(f"/v1/files/{new_id()}?ticket=t")
    assert (answer.status_code, answer.json()["code"]) == (503, "common.owner_unavailable")
    assert answer.json()["service"] == "documents"
    answer = await gateway.http.post("/v1/files", content=b"x", headers={"upload-ticket": "t"})
    assert answer.status_code == 503


async def test_prechecks_are_passed_on(gateway: Gateway, owners: Owners) -> None:
    owners.eligibility.on("POST", "/v1/prechecks", lambda body, _actor: {"asked": body})
    answer = await gateway.http.post("/v1/prechecks", json={"guide": "qz-2020"})
    assert answer.json() == {"asked": {"guide": "qz-2020"}}


async def test_the_world_is_told_whose_tokens_are_taken(make: Make) -> None:
    key = OKPKey.generate_key("Ed25519", {"kid": "feed"}).as_dict(private=False)
    gateway: Gateway = await make(public_url="https://gateway.test/", feed_jwks=json.dumps({"keys": [key]}))
    metadata = (await gateway.http.get("/.well-known/oauth-protected-resource")).json()
    assert metadata["resource"] == "https://gateway.test"
    assert metadata["authorization_servers"] == [ISSUER]
    assert (await gateway.http.get("/.well-known/jwks.json")).json() == {"keys": [key]}


async def test_a_refused_token_points_to_the_metadata(gateway: Gateway) -> None:
    answer = await gateway.http.post("/graphql", json={}, headers={"authorization": "Bearer x"})
    assert (
        'resource_metadata="http://gateway.test/.well-known/oauth-protected-resource"'
        in answer.headers["www-authenticate"]
    )


def test_every_door_says_who_may_enter(gateway: Gateway) -> None:
    def accesses(dependant: Any) -> list[str]:
        found = list(getattr(dependant.call, "access", []))
        return found + [one for inner in dependant.dependencies for one in accesses(inner)]

    open_doors = {}
    for route in iter_route_contexts(gateway.app.routes):
        if isinstance(route.original_route, APIRoute):
            open_doors[route.path] = accesses(route.dependant)
    for page in ("/docs", "/docs/oauth2-redirect", "/redoc"):
        open_doors.pop(page, None)
    assert all(open_doors.values()), open_doors
    assert {path for path, access in open_doors.items() if access == ["open"]} == {
        "/healthz",
        "/readyz",
        "/metrics",
        "/graphql/ide/{path:path}",
        "/.well-known/oauth-protected-resource",
        "/.well-known/jwks.json",
    }
