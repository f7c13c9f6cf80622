"""No token, a forged one, or one for somewhere else opens nothing, and nothing is looked at before."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.strangers import forgeries
from tests.strangers.forgeries import Issuer
from tests.strangers.routes import ALL, DOORS, GUARDED, INSIDE, Route, app_of

from common.inprocess import InProcessClient
from common.problems import MEDIA_TYPE
from common.testing import settings_for, tokens_of
from gateway.app import create_app
from gateway.settings import Settings

# not even JSON: who is refused for it has been listened to
GARBAGE: dict[str, Any] = {
    "content": b'{"half": ',
    "headers": {"content-type": "application/json", "if-match": "x"},
}


def test_every_route_names_its_actor() -> None:
    assert [str(route) for route in ALL if not route.access] == []
    assert len(INSIDE) > 80
    assert len(DOORS) >= 6


async def _send(app: FastAPI, route: Route, authorization: str | None) -> httpx.Response:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = GARBAGE["headers"] | ({} if authorization is None else {"authorization": authorization})
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        return await client.request(route.method, route.at(), content=GARBAGE["content"], headers=headers)


def _refused(answer: httpx.Response) -> bool:
    return (
        answer.status_code == 401
        and answer.headers["content-type"] == MEDIA_TYPE
        and answer.json()["code"] == "common.unauthenticated"
    )


@pytest.mark.parametrize("route", INSIDE, ids=str)
async def test_a_service_believes_no_bad_token(route: Route) -> None:
    app = app_of(route.service)
    tokens = {name: f"Bearer {forge(route.service)}" for name, forge in forgeries.OF_SERVICES.items()}
    good = tokens_of("gateway").mint(route.service)
    tried = {**tokens, "none": None, "another scheme": "Basic YTpi", "token as a word": good}
    believed = {
        name: (answer.status_code, answer.text)
        for name, authorization in tried.items()
        if not _refused(answer := await _send(app, route, authorization))
    }
    assert believed == {}
    assert not _refused(await _send(app, route, f"Bearer {good}"))


async def test_a_path_that_is_not_there_says_so_to_callers_only() -> None:
    nowhere = Route("intake", "GET", "/v1/nothing-of-the-kind", ())
    assert _refused(await _send(app_of("intake"), nowhere, None))
    token = tokens_of("gateway").mint("intake")
    assert (await _send(app_of("intake"), nowhere, f"Bearer {token}")).status_code == 404


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
async def doors(issuer: Issuer) -> AsyncIterator[tuple[FastAPI, list[str]]]:
    """The gateway, and the services that it has turned to."""
    turned_to: list[str] = []
    settings = settings_for(Settings, issuers=[issuer.entry], rate_burst=10_000)

    def nobody(service: str) -> None:
        turned_to.append(service)

    client = InProcessClient(settings, nobody)
    yield create_app(settings, client=client), turned_to
    await client.close()


@pytest.mark.parametrize("route", DOORS, ids=str)
async def test_the_gateway_believes_no_bad_token(
    route: Route, doors: tuple[FastAPI, list[str]], issuer: Issuer
) -> None:
    app, turned_to = doors
    tokens = {name: f"Bearer {forge(issuer)}" for name, forge in forgeries.OF_PEOPLE.items()}
    believed = {}
    for name, authorization in {**tokens, "another scheme": "Basic YTpi", "no token": "Bearer "}.items():
        answer = await _send(app, route, authorization)
        if not _refused(answer) or "resource_metadata=" not in answer.headers["www-authenticate"]:
            believed[name] = (answer.status_code, answer.text)
    assert (believed, turned_to) == ({}, [])
    assert (
        await _send(app, route, f"Bearer {issuer.token()}")
    ).status_code != 401 or route.path == "/v1/files"


async def test_the_feed_is_for_who_is_signed_in(doors: tuple[FastAPI, list[str]]) -> None:
    app, turned_to = doors
    (feed,) = (route for route in DOORS if route.path.startswith("/v1/feeds/"))
    assert _refused(await _send(app, feed, None))
    assert turned_to == []


def test_what_is_open_is_named() -> None:
    """Without a token: for the operator's machines, and what says whose tokens are taken."""
    everywhere = {"/healthz", "/readyz", "/metrics"}
    known = {"/graphql/ide/{path:path}", "/.well-known/oauth-protected-resource", "/.well-known/jwks.json"}
    found = {(route.service, route.path) for route in ALL if route not in GUARDED}
    services = {route.service for route in ALL}
    assert found == {(service, path) for service in services for path in everywhere} | {
        ("gateway", path) for path in known
    }
