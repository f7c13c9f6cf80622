"""Quota services for tests: `quota` is undone after the test, `live` commits for real."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from common.actor import Actor
from common.db import ALL_CITIES, Database, cities
from common.ids import new_id
from common.testing import http, settings_for
from quota.allocations import service as allocations
from quota.allocations.schemas import AllocationIn
from quota.app import create_app
from quota.base import Base
from quota.holds import service as holds
from quota.holds.schemas import HoldOrder, HoldOut
from quota.pools import service as pools
from quota.pools.schemas import LedgerEntryOut, PoolOut, PoolsBatch
from quota.settings import Settings
from quota.sweeps import mismatches

CITY = "330800"
OTHER_CITY = "330100"


def intake(city: str = CITY) -> Actor:
    """Intake acting for itself."""
    return Actor(caller="intake", cities=frozenset({city}))


def version(word: str) -> str:
    """A version id as packs have them."""
    return word.encode().hex().ljust(64, "0")


@dataclass
class House:
    """A quota service on one database, with a guide that no other test uses."""

    db: Database
    app: FastAPI
    city: str = CITY
    guide: str = field(default_factory=lambda: f"t-{new_id().hex[-12:]}")

    def blocks(self, rows: dict[str, int]) -> list[dict[str, Any]]:
        """Quota tables for rows such as {"major/qujiang": 2}, one block for each category."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row, limit in rows.items():
            found.setdefault(row.partition("/")[0], []).append(
                {"id": row, "unit_zh": f"单位 {row}", "unit_en": f"Unit {row}", "limit": limit}
            )
        return [
            {"category": category, "total": sum(row["limit"] for row in table), "rows": table}
            for category, table in found.items()
        ]

    async def stage(self, rows: dict[str, int], word: str = "a") -> None:
        wanted = AllocationIn.model_validate({"city": self.city, "blocks": self.blocks(rows)})
        await allocations.stage(self.db, intake(self.city), self.guide, version(word), wanted)

    async def activate(self, word: str = "a") -> None:
        await allocations.activate(self.db, intake(self.city), self.city, self.guide, version(word))

    async def allot(self, rows: dict[str, int], word: str = "a") -> None:
        """Stage and activate."""
        await self.stage(rows, word)
        await self.activate(word)

    def key(self, row: str) -> str:
        return f"{self.guide}/{row}"

    def order(self, *rows: str, subject: UUID | None = None, n: int = 1, **more: Any) -> HoldOrder:
        return HoldOrder.model_validate(
            {
                "city": self.city,
                "subject": subject or new_id(),
                "pools": [{"key": self.key(row), "n": n} for row in rows],
                "reason": "recommended",
                **more,
            }
        )

    async def take(self, *rows: str, subject: UUID | None = None, n: int = 1) -> HoldOut:
        order = self.order(*rows, subject=subject, n=n)
        return (await holds.take(self.db, intake(self.city), order))[0]

    async def confirm(self, subject: UUID) -> HoldOut:
        return await holds.confirm(self.db, intake(self.city), subject, city=self.city, reason="committed")

    async def void(self, subject: UUID, reason: str = "withdrawn") -> HoldOut:
        return await holds.void(self.db, intake(self.city), subject, city=self.city, reason=reason)

    async def pool(self, row: str) -> PoolOut:
        async with self.db.read(cities(self.city)) as session:
            (found,) = await pools.batch(session, PoolsBatch(keys=[self.key(row)]))
        return found

    async def ledger(self, row: str) -> Sequence[LedgerEntryOut]:
        pool = await self.pool(row)
        async with self.db.read(cities(self.city)) as session:
            return (await pools.ledger(session, pool.id, None, 500)).items

    async def explained(self) -> bool:
        """Ledgers and holds account for every counter."""
        return not await mismatches(self.db)

    async def leave_nothing_open(self) -> None:
        """An open hold would be seen by the sweeps and the figures of other tests."""
        async with self.db.read(ALL_CITIES) as session:
            left = await holds.overdue(session, timedelta(), None, 1000)
        for hold in left:
            await holds.void(self.db, intake(hold.city), hold.subject, city=hold.city, reason="test over")

    def by_intake(self, city: str = CITY) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return http(self.app, caller="intake", cities=(city,))

    def by(self, acting: Actor) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return http(self.app, acting)


@pytest.fixture
async def quota(database: Callable[[MetaData, str], Awaitable[Database]]) -> House:
    """A service whose changes are undone after the test."""
    db = await database(Base.metadata, "quota")
    return House(db, create_app(settings_for(Settings), database=db))


@pytest.fixture
async def live(engine: Callable[[str], AsyncEngine]) -> AsyncIterator[House]:
    """A service that commits for real: for locks and races."""
    db = Database(engine("quota"), Base.metadata)
    house = House(db, create_app(settings_for(Settings), database=db))
    yield house
    assert await house.explained()
    await house.leave_nothing_open()
