"""The five services: names, ports, and the environment that each one runs in."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.keys import Keys
from cli.ports import LOOPBACK, choose

ISSUER = "https://dev-issuer.shenbao.invalid"
AUDIENCE = "shenbao"
INTAKE, ELIGIBILITY, QUOTA, DOCUMENTS, GATEWAY = SERVICES = (
    "intake",
    "eligibility",
    "quota",
    "documents",
    "gateway",
)
WITH_DATABASE = (INTAKE, ELIGIBILITY, QUOTA, DOCUMENTS)
PORTS = {GATEWAY: 8000, INTAKE: 8001, ELIGIBILITY: 8002, QUOTA: 8003, DOCUMENTS: 8004}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Port of each service, and which of the wanted ones were taken."""

    ports: Mapping[str, int]
    moved: tuple[str, ...]

    def url(self, service: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[service]}"

    def urls(self) -> dict[str, str]:
        return {service: self.url(service) for service in self.ports}


def addresses(wanted: Mapping[str, int] = PORTS) -> Addresses:
    """The wanted ports, others where somebody has them."""
    ports: dict[str, int] = {}
    for service in SERVICES:
        ports[service] = choose(wanted[service], set(ports.values()))
    moved = tuple(service for service in SERVICES if ports[service] != wanted[service])
    return Addresses(ports, moved)


def environment(
    keys: Keys, where: Addresses, dsns: Mapping[str, str], *, clock_file: Path, files: Path, worker: str = "on"
) -> dict[str, str]:
    """Variables of all services together: each reads its own prefix.

    Args:
        dsns: service -> postgresql:// URL of its own role.
        clock_file: moves the business clock.
        files: folder where documents keeps its files.
    """
    settings: dict[str, str] = {}
    jwks = json.dumps(keys.service_jwks())
    for service in SERVICES:
        own = {
            "environment": "development",
            "service_key": json.dumps(keys.private(service)),
            "service_jwks": jwks,
            "clock_file": str(clock_file),
            "worker": worker,
            "log_format": "console",
            **{f"{other}_url": where.url(other) for other in WITH_DATABASE},
        }
        if service in dsns:
            own["database_url"] = dsns[service]
        own |= _EXTRA.get(service, lambda _keys, _files: {})(keys, files)
        settings |= {f"{service}_{name}".upper(): value for name, value in own.items()}
    return {**_inherited(), "PYTHONUNBUFFERED": "1", **settings}


def _inherited() -> dict[str, str]:
    """The caller's environment without what would reach into a service or its Postgres."""
    prefixes = tuple(f"{service.upper()}_" for service in SERVICES) + ("PG", "DATABASE_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}


def _of_gateway(keys: Keys, _files: Path) -> dict[str, str]:
    issuer = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": keys.issuer_jwks(), "jwks_url": None}
    return {
        "issuers": json.dumps([issuer]),
        "cors_origins": json.dumps(["*"]),
        "introspection": "true",
        "feed_jwks": json.dumps({"keys": [keys.public("feed")]}),
    }


def _of_intake(keys: Keys, _files: Path) -> dict[str, str]:
    return {"feed_key": json.dumps(keys.private("feed"))}


def _of_documents(_keys: Keys, files: Path) -> dict[str, str]:
    return {"store_path": str(files)}


_EXTRA = {GATEWAY: _of_gateway, INTAKE: _of_intake, DOCUMENTS: _of_documents}
