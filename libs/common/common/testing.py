"""Support for tests: settings with fresh keys, actors, and calls to an app as a service would make them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import httpx
from fastapi import FastAPI
from joserfc.jwk import OKPKey
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from common.actor import Actor, Grant
from common.db import Database
from common.ids import new_id
from common.roles import Role
from common.settings import SERVICES, CommonSettings
from common.tokens import ServiceTokens

CALLERS = (*SERVICES, "operator")
SettingsT = TypeVar("SettingsT", bound=CommonSettings)


@cache
def service_keys() -> dict[str, str]:
    """Private JWK (JSON) of each caller, made once per test run."""
    return {
        name: json.dumps(OKPKey.generate_key("Ed25519", {"kid": name}, private=True).as_dict(private=True))
        for name in CALLERS
    }


@cache
def service_jwks() -> str:
    """The JWKS (JSON) of all callers' public keys."""
    keys = [OKPKey.import_key(json.loads(key)).as_dict(private=False) for key in service_keys().values()]
    return json.dumps({"keys": keys})


def settings_for(kind: type[SettingsT], **values: Any) -> SettingsT:
    """A service's settings for tests, with keys that all tests share."""
    return kind(
        **{
            "environment": "test",
            "service_key": service_keys()[kind.service],
            "service_jwks": service_jwks(),
            "log_format": "console",
            "log_level": "warning",
            "worker": "off",
            **values,
        }
    )


def tokens_of(caller: str) -> ServiceTokens:
    """Signs tokens as this caller would."""
    kind = type(f"{caller.title()}Settings", (CommonSettings,), {"service": caller})
    return ServiceTokens(settings_for(kind))


def actor(
    *roles: Role,
    city: str = "330800",
    unit_id: UUID | None = None,
    subject: str = "test-person",
    person_id: UUID | None = None,
    login_kind: str | None = None,
    lang: str = "zh",
) -> Actor:
    """A person with these roles in one city, acting through the gateway."""
    return Actor(
        caller="gateway",
        subject=subject,
        person_id=person_id or new_id(),
        grants=tuple(Grant(role, city, unit_id, login_kind) for role in roles),
        login_kind=login_kind,
        cities=frozenset({city}),
        lang=lang,
    )


@asynccontextmanager
async def http(
    app: FastAPI,
    acting: Actor | None = None,
    *,
    caller: str = "gateway",
    cities: tuple[str, ...] = ("330800",),
) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client for an app in this process, without its lifespan.

    Args:
        acting: the person; None: the caller for itself, in `cities`.
        caller: the service that signs.
    """
    service = app.state.settings.service
    token = tokens_of(caller).mint(service, acting, cities if acting is None else ())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport,
        base_url=f"http://{service}.test",
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    ) as client:
        yield client


@asynccontextmanager
async def rolled_back(engine: AsyncEngine, metadata: MetaData) -> AsyncIterator[Database]:
    """A database in which everything that a test commits is undone at its end."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        try:
            yield Database(connection, metadata)
        finally:
            await outer.rollback()
