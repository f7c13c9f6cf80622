"""A city in one process: the four services on one real database, with owners that go away and jobs by hand.

Nothing runs by itself: jobs wait in their tables until somebody runs them, late or twice, and the sweep comes
when it is called. So a history can be told and repeated.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import text
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import documents.settings
import documents.work
import eligibility.settings
import intake.jobs
import intake.settings
import quota.settings
from common.actor import Actor
from common.clock import clock
from common.db import ALL_CITIES, Database, new_engine
from common.inprocess import InProcessClient
from common.jobs import JobContext, Jobs
from common.settings import CommonSettings
from common.testing import http, settings_for
from quota.settlements.service import settle_overdue

SERVICES = ("eligibility", "documents", "quota", "intake")
OWNERS = SERVICES[:3]
_JOBS: Mapping[str, Jobs] = {"intake": intake.jobs.jobs, "documents": documents.work.jobs}
GUIDE_TABLES = {"guides", "guide_versions", "active_allocations", "allocations", "pools", "ledger_entries"}
_PATIENT = {"call_timeout_s": 60, "breaker_failures": 1_000_000}  # only those fail who are told to
_SETTINGS: Mapping[str, tuple[type[CommonSettings], dict[str, Any]]] = {
    "eligibility": (eligibility.settings.Settings, {}),
    "documents": (documents.settings.Settings, {}),
    "quota": (quota.settings.Settings, {}),
    "intake": (intake.settings.Settings, {"submit_budget_s": 60}),
}


Waiting = tuple[int, str, dict[str, Any]]  # id, name, payload


class Deaf:
    """An owner that does what it is asked, and whose answer is lost."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def nowhere(_message: Message) -> None:
            return None

        await self.app(scope, receive, nowhere)
        raise ConnectionResetError


class World:
    """The services, their databases, and what is wrong with them at the moment.

    Attributes:
        moods: owner -> "away" (nobody answers) or "deaf" (the work is done, the answer lost); none: well.
    """

    def __init__(self, where: Callable[[str], dict[str, Any]], files: Path) -> None:
        self._where, self._files = where, files
        self.apps: dict[str, FastAPI] = {}
        self.databases: dict[str, Database] = {}
        self.moods: dict[str, str] = {}
        self._held = ExitStack()

    async def open(self) -> None:
        """Connect, make the apps."""
        for name in SERVICES:
            kind, own = _SETTINGS[name]
            values = {**own, **_PATIENT, **self._where(name), "db_pool_size": 12}
            if name == "documents":
                values["store_path"] = self._files
            settings = settings_for(kind, **values)
            metadata = importlib.import_module(f"{name}.base").Base.metadata
            self.databases[name] = Database(new_engine(settings), metadata)
            client = InProcessClient(settings, self._find)
            make = importlib.import_module(f"{name}.app").create_app
            self.apps[name] = make(settings, client, self.databases[name])

    async def close(self) -> None:
        self._held.close()
        for name in SERVICES:
            await self.apps[name].state.client.close()
            await self.databases[name].close()

    def _find(self, name: str) -> ASGIApp | None:
        mood = self.moods.get(name)
        if mood == "away":
            return None
        return Deaf(self.apps[name]) if mood == "deaf" else self.apps[name]

    async def forget(self) -> None:
        """Empty every table but those of the guide; all owners are well, all places free."""
        self.moods.clear()
        for name, database in self.databases.items():
            async with database.write(ALL_CITIES) as session:
                known = {table.name for table in session.info["metadata"].sorted_tables}
                emptied = ", ".join(sorted(known - GUIDE_TABLES))
                await session.execute(text(f"TRUNCATE {emptied}, {name}_jobs.pgqueuer"))
                if name == "quota":
                    await session.execute(text("DELETE FROM ledger_entries WHERE subject IS NOT NULL"))
                    await session.execute(text("UPDATE pools SET used = 0, entries = 1"))

    def clock_at(self, instant: datetime) -> None:
        """Hold the business clock."""
        self._held.close()
        self._held.enter_context(clock.frozen(instant))

    @asynccontextmanager
    async def by(
        self, actor: Actor | None, service: str = "intake", caller: str = "gateway"
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A client for one service, acting for a person or for the calling service itself."""
        async with http(self.apps[service], actor, caller=caller) as client:
            yield client

    # jobs and sweeps

    async def waiting(self, service: str) -> list[Waiting]:
        """Jobs in a queue, the oldest first: id, name, payload."""
        async with self.databases[service].read(ALL_CITIES) as session:
            found = await session.execute(
                text(
                    "SELECT id, entrypoint, convert_from(payload, 'UTF8')::jsonb "  # noqa: S608  # ours
                    f"FROM {service}_jobs.pgqueuer ORDER BY id"
                )
            )
            return [(row[0], row[1], row[2]) for row in found]

    async def run_job(self, service: str, job: Waiting, *, keep: bool = False) -> bool:
        """Run one job as a worker would; it leaves the queue when it succeeds, unless it is to `keep`.

        Returns:
            False when it failed and will be repeated.
        """
        number, name, payload = job
        settings = self.apps[service].state.settings
        context = JobContext(self.databases[service], self.apps[service].state.client, settings, 1)
        try:
            await _JOBS[service].handlers[name](context, payload)
        except Exception:
            return False
        if not keep:
            async with self.databases[service].write(ALL_CITIES) as session:
                statement = f"DELETE FROM {service}_jobs.pgqueuer WHERE id = :number"  # noqa: S608
                await session.execute(text(statement), {"number": number})
        return True

    async def run_jobs(self, service: str = "intake", *, twice: bool = False) -> None:
        """Run what is in the queue now, all at once; `twice`: as when a worker dies at the very end."""
        jobs = await self.waiting(service)
        if twice:
            await asyncio.gather(*(self.run_job(service, job, keep=True) for job in jobs))
        await asyncio.gather(*(self.run_job(service, job) for job in jobs))

    async def sweep(self) -> None:
        """Quota asks intake about every hold that is open."""
        await settle_overdue(self.databases["quota"], self.apps["quota"].state.client, timedelta())

    async def settle_down(self) -> None:
        """All owners are back; jobs and sweep run until nothing is left to do.

        Raises:
            AssertionError: the queue does not become empty.
        """
        self.moods.clear()
        for _ in range(5):
            await self.run_jobs("documents")
            await self.run_jobs("intake")
            await self.sweep()
            if not await self.waiting("intake") and not await self.waiting("documents"):
                return
        raise AssertionError(f"jobs that never end: {await self.waiting('intake')}")
