"""The gateway's app for tests, between a development issuer and stand-ins for the services."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OKPKey
from tests.gateway.owners import CITY, Owners

from common.clock import clock
from common.inprocess import InProcessClient
from common.testing import settings_for
from gateway.app import create_app
from gateway.settings import Settings

ISSUER, AUDIENCE = "https://issuer.test", "shenbao"


class Identities:
    """An identity provider of the tests."""

    def __init__(self) -> None:
        self.key = OKPKey.generate_key("Ed25519", {"kid": "one"}, private=True)

    @property
    def entry(self) -> dict[str, Any]:
        """Its line in the settings."""
        return {"issuer": ISSUER, "audience": AUDIENCE, "jwks": {"keys": [self.key.as_dict(private=False)]}}

    def token(
        self,
        subject: str = "somebody",
        *,
        key: Any = None,
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """An access token; claims that are None are left out."""
        now = int(clock.system().timestamp())
        every = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 600} | claims
        head = {"alg": "Ed25519", "typ": "at+jwt", "kid": "one"} | (header or {})
        kept = {name: value for name, value in every.items() if value is not None}
        head = {name: value for name, value in head.items() if value is not None}
        return jwt.encode(head, kept, key or self.key, algorithms=[head["alg"]])


class Gateway:
    """A gateway under test: `ask` sends GraphQL, `http` is the bare client."""

    def __init__(self, app: FastAPI, http: httpx.AsyncClient, identities: Identities) -> None:
        self.app, self.http, self._identities = app, http, identities

    def headers(self, subject: str | None, **more: str) -> dict[str, str]:
        token = {"authorization": f"Bearer {self._identities.token(subject)}"} if subject else {}
        return token | more

    async def ask(
        self, query: str, subject: str | None = None, lang: str = "zh", **variables: Any
    ) -> dict[str, Any]:
        """The whole answer to an operation."""
        answer = await self.http.post(
            "/graphql",
            content=json.dumps({"query": query, "variables": variables}),
            headers=self.headers(subject, **{"content-type": "application/json", "accept-language": lang}),
        )
        found: dict[str, Any] = answer.json()
        return found

    async def data(self, query: str, subject: str | None = None, **variables: Any) -> dict[str, Any]:
        """The data of an operation that must have no errors."""
        answer = await self.ask(query, subject, **variables)
        assert "errors" not in answer, answer["errors"]
        found: dict[str, Any] = answer["data"]
        return found


Make = Callable[..., Any]


@pytest.fixture
def identities() -> Identities:
    return Identities()


@pytest.fixture
def owners() -> Owners:
    return Owners()


@pytest.fixture
async def make(identities: Identities, owners: Owners) -> AsyncIterator[Make]:
    """`await make(max_depth=3)`: a gateway with these settings."""
    async with AsyncExitStack() as stack:

        async def made(**values: Any) -> Gateway:
            settings = settings_for(
                Settings, **{"issuers": [identities.entry], "public_cities": [CITY]} | values
            )
            app = create_app(settings, client=InProcessClient(settings, owners.app))
            stack.push_async_callback(app.state.client.close)
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            http = await stack.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url="http://gateway.test")
            )
            return Gateway(app, http, identities)

        yield made


@pytest.fixture
async def gateway(make: Make) -> Gateway:
    made: Gateway = await make()
    return made
