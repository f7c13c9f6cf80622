"""Every route of every service says who may call it, and a stranger gets nowhere.

The lists come from the apps themselves, so a new route without a rule fails here. The gateway takes user
tokens; its doors are tested with it.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from common.settings import SERVICES
from common.testing import settings_for

# for developers; they carry no data and are built by the framework
PAGES = {"/docs", "/redoc", "/docs/oauth2-redirect", "/openapi.json"}


def _app(service: str) -> FastAPI:
    settings = import_module(f"{service}.settings").Settings
    app: FastAPI = import_module(f"{service}.app").create_app(settings_for(settings))
    return app


def _routes(app: FastAPI) -> Iterator[Any]:
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute) and context.path not in PAGES:
            yield context


def _accesses(dependant: Dependant) -> list[str]:
    found = list(getattr(dependant.call, "access", []))
    for inner in dependant.dependencies:
        found += _accesses(inner)
    return found


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "gateway"])
def test_every_route_names_its_actor(service: str) -> None:
    unguarded = [
        f"{sorted(route.methods or ())} {route.path}"
        for route in _routes(_app(service))
        if not _accesses(route.dependant)
    ]
    assert unguarded == []


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "gateway"])
async def test_without_a_token_every_guarded_route_answers_401(service: str) -> None:
    app = _app(service)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    wrong = []
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{service}") as client:
        for route in _routes(app):
            if _accesses(route.dependant) == ["open"]:
                continue
            path = route.path
            for name in ("{guide}", "{version}", "{rule}", "{register}"):
                path = path.replace(name, "x")
            while "{" in path:
                start, end = path.index("{"), path.index("}")
                path = path[:start] + "01890000-0000-7000-8000-000000000000" + path[end + 1 :]
            for method in route.methods or ():
                answer = await client.request(method, path, headers={"if-match": '"1"'})
                if answer.status_code != 401:
                    wrong.append((method, route.path, answer.status_code))
    assert wrong == []
