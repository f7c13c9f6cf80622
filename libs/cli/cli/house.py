"""The five services: names, ports, and the environment that each one runs in."""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.keys import FEED_KEY, Keys
from cli.ports import LOOPBACK, choose
from cli.project import root

ISSUER = "https://dev-issuer.shenbao.invalid"
AUDIENCE = "shenbao"
CITY = "330800"  # whose call the pack that comes along describes
INTAKE, ELIGIBILITY, QUOTA, DOCUMENTS, GATEWAY = SERVICES = (
    "intake",
    "eligibility",
    "quota",
    "documents",
    "gateway",
)
WITH_DATABASE = (INTAKE, ELIGIBILITY, QUOTA, DOCUMENTS)
_PREFIXES = tuple(f"{service.upper()}_" for service in SERVICES)
GRACE_S = 5  # for running requests when a service is stopped
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
    keys: Keys,
    where: Addresses,
    dsns: Mapping[str, str],
    *,
    clock_file: Path,
    files: Path,
    worker: str = "on",
    pooling: Callable[[str], Mapping[str, str]] | None = None,
) -> dict[str, str]:
    """Variables of all services together: each reads its own prefix.

    Args:
        dsns: service -> postgresql:// URL of its own role.
        clock_file: moves the business clock.
        files: folder where documents keeps its files.
        pooling: the settings for a DSN behind a PgBouncer; None: straight to Postgres.
    """
    settings: dict[str, str] = {}
    jwks, instance = json.dumps(keys.service_jwks()), secrets.token_hex(8)
    for service in SERVICES:
        own = {
            "environment": "development",
            "service_key": json.dumps(keys.private(service)),
            "service_jwks": jwks,
            "clock_file": str(clock_file),
            "worker": worker,
            "log_format": "console",
            "instance": instance,
            "drain_s": "0",  # nobody balances here
            **{f"{other}_url": where.url(other) for other in WITH_DATABASE},
        }
        if service in dsns:
            own |= pooling(dsns[service]) if pooling else {"database_url": dsns[service]}
        if service in _EXTRA:
            own |= _EXTRA[service](keys, where, files)
        settings |= {f"{service}_{name}".upper(): value for name, value in own.items()}
    return {**_inherited(), "PYTHONUNBUFFERED": "1", **settings}


def _inherited() -> dict[str, str]:
    """The caller's environment without what would reach into a service or its Postgres."""
    foreign = (*_PREFIXES, "PG", "DATABASE_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def only(env: Mapping[str, str], service: str) -> dict[str, str]:
    """The environment without the settings, and so the keys and passwords, of the other services."""
    others = tuple(prefix for prefix in _PREFIXES if prefix != f"{service.upper()}_")
    return {name: value for name, value in env.items() if not name.startswith(others)}


def _of_gateway(keys: Keys, where: Addresses, _files: Path) -> dict[str, str]:
    issuer = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": keys.issuer_jwks(), "development": True}
    return {
        "issuers": json.dumps([issuer]),
        "public_url": where.url(GATEWAY),
        "public_cities": json.dumps([CITY]),
        "cors_origins": json.dumps(["*"]),
        "feed_jwks": json.dumps({"keys": [keys.public(FEED_KEY)]}),
        "ide_folder": str(root() / ".tools/node_modules/altair-static/build/dist"),
    }


def _of_intake(keys: Keys, _where: Addresses, _files: Path) -> dict[str, str]:
    return {
        "feed_key": json.dumps(keys.private(FEED_KEY)),
        "personal_keys": json.dumps(keys.personal_keys()),
    }


def _of_documents(_keys: Keys, _where: Addresses, files: Path) -> dict[str, str]:
    return {"store_path": str(files)}


_EXTRA = {GATEWAY: _of_gateway, INTAKE: _of_intake, DOCUMENTS: _of_documents}
