"""The routes of every service, from the apps themselves, and requests that reach each of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from common.settings import SERVICES
from common.testing import settings_for

# for developers; they carry no rows and are built by the framework
PAGES = frozenset({"/docs", "/docs/oauth2-redirect", "/openapi.json"})
UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"
_PARAMETER = re.compile(r"\{([^}:]+)(?::[^}]+)?\}")


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path of a service; `access` is what its dependencies say of who may call it."""

    service: str
    method: str
    path: str
    access: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"

    @property
    def open(self) -> bool:
        """For the operator's machines, without any token."""
        return self.access == ("open",)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the path's parameters."""
        return tuple(_PARAMETER.findall(self.path))

    def at(self, **values: Any) -> str:
        """The path with values in it; for those not given, an id that never was, or a word."""

        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            known = values.get(name)
            unknown = UNKNOWN_ID if name.endswith("_id") or name == "subject" else "x"
            return str(known if known is not None else unknown)

        return _PARAMETER.sub(value, self.path)


@cache
def app_of(service: str) -> FastAPI:
    """A service's app without a database: enough to be refused by."""
    settings = import_module(f"{service}.settings").Settings
    app: FastAPI = import_module(f"{service}.app").create_app(settings_for(settings))
    return app


def _accesses(dependant: Dependant) -> list[str]:
    found = list(getattr(dependant.call, "access", []))
    for inner in dependant.dependencies:
        found += _accesses(inner)
    return found


def _of(service: str) -> Iterator[Route]:
    for context in iter_route_contexts(app_of(service).routes):
        if not isinstance(context.original_route, APIRoute) or context.path in PAGES:
            continue
        for method in sorted(context.methods or ()):
            yield Route(service, method, str(context.path), tuple(_accesses(context.dependant)))


ALL = tuple(route for service in SERVICES for route in _of(service))
GUARDED = tuple(route for route in ALL if not route.open)
INSIDE = tuple(route for route in GUARDED if route.service != "gateway")
DOORS = tuple(route for route in GUARDED if route.service == "gateway")
