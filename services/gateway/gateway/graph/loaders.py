"""Dataloaders of one request: ids asked for in the same moment travel in one batch read.

A batch read leaves out what is missing or invisible; the loader answers None (or no rows) for it.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from functools import partial
from typing import Any, Protocol

from strawberry.dataloader import DataLoader

Row = dict[str, Any]
MAX_IDS = 200


class Ask(Protocol):
    """Calls a service on behalf of whoever sent the request."""

    def __call__(self, service: str, method: str, path: str, **options: Any) -> Awaitable[Any]: ...


async def _rows_by_key(
    ask: Ask, service: str, path: str, field: str, key: str, keys: Sequence[str]
) -> list[Row | BaseException | None]:
    answer = await ask(service, "POST", path, json={field: list(keys)})
    found = {str(_key(row, key)): row for row in answer["items"]}
    return [found.get(one) for one in keys]


def _key(row: Row, path: str) -> object:
    value: Any = row
    for part in path.split("."):
        value = value[part]
    return value


async def _rows_by_parent(
    ask: Ask, service: str, path: str, field: str, parent: str, keys: Sequence[str]
) -> list[list[Row] | BaseException]:
    found: dict[str, list[Row]] = {one: [] for one in keys}
    cursor: str | None = None
    while True:
        body: Row = {field: list(keys)} | ({"after": cursor} if cursor else {})
        answer = await ask(service, "POST", path, json=body)
        for row in answer["items"]:
            found.setdefault(str(row[parent]), []).append(row)
        cursor = answer.get("next_cursor")
        if cursor is None:
            return [found[one] for one in keys]


async def _listed(ask: Ask, service: str, path: str, keys: Sequence[str]) -> list[list[Row] | BaseException]:
    """Whole lists by guide: one request for each guide and page, the guides side by side."""
    return list(await asyncio.gather(*(_list(ask, service, path, key) for key in keys)))


async def _list(ask: Ask, service: str, path: str, guide: str) -> list[Row]:
    rows: list[Row] = []
    cursor: str | None = None
    while True:
        answer = await ask(service, "GET", path, params={"guide": guide, "cursor": cursor})
        rows += answer["items"]
        cursor = answer.get("next_cursor")
        if cursor is None:
            return rows


class Loaders:
    """Batch reads by service and path, made when first needed.

    `units`, `people`, …: id → row or None. `files`, `assessments_of`, …: application id → rows.
    """

    def __init__(self, ask: Ask) -> None:
        one, many = partial(_one, ask), partial(_many, ask)
        self.calls = one("intake", "/v1/calls/batch")
        self.units = one("intake", "/v1/units/batch")
        self.people = one("intake", "/v1/people/batch")
        self.memberships = one("intake", "/v1/memberships/batch")
        self.applications = one("intake", "/v1/applications/batch")
        self.attempts = one("intake", "/v1/attempts/batch", key="attempt.id")
        self.recommendations = one("intake", "/v1/recommendations/batch")
        self.assignments = one("intake", "/v1/assignments/batch")
        self.notices = one("intake", "/v1/notices/batch")
        self.objections = one("intake", "/v1/objections/batch")
        self.proposals = one("intake", "/v1/proposals/batch")
        self.assignments_of = many("intake", "/v1/assignments/search", field="application_ids")
        self.awards_of = many("intake", "/v1/awards/by-application/batch")
        self.assessments = one("eligibility", "/v1/assessments/batch")
        self.assessments_of = many("eligibility", "/v1/assessments/by-application/batch")
        self.decisions_of = many("eligibility", "/v1/decisions/by-application/batch")
        self.pools = one("quota", "/v1/pools/batch", field="keys", key="key")
        self.files = one("documents", "/v1/files/batch")
        self.files_of = many("documents", "/v1/files/by-application/batch")
        self.bundles = one("documents", "/v1/bundles/batch")
        self.notices_of_guide: DataLoader[str, list[Row]] = DataLoader(
            partial(_listed, ask, "intake", "/v1/notices")
        )
        self.pools_of_guide: DataLoader[str, list[Row]] = DataLoader(
            partial(_listed, ask, "quota", "/v1/pools")
        )


def _one(
    ask: Ask, service: str, path: str, field: str = "ids", key: str = "id"
) -> DataLoader[str, Row | None]:
    load = partial(_rows_by_key, ask, service, path, field, key)
    return DataLoader(load, max_batch_size=MAX_IDS)


def _many(
    ask: Ask, service: str, path: str, field: str = "ids", parent: str = "application_id"
) -> DataLoader[str, list[Row]]:
    load = partial(_rows_by_parent, ask, service, path, field, parent)
    return DataLoader(load, max_batch_size=MAX_IDS)
