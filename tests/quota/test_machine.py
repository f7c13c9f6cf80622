"""A state machine over pools and holds, with real transactions on connections of its own.

The model is a dictionary; after each step every counter, hold and ledger must agree with it. `rush` runs many
commands at once and learns from their answers what they must have left.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from common.actor import Actor
from common.db import ALL_CITIES, Database, new_engine
from common.errors import DomainError
from common.ids import new_id
from common.testing import settings_for
from quota.allocations import service as allocations
from quota.allocations.schemas import AllocationIn
from quota.base import Base
from quota.holds import service as holds
from quota.holds.schemas import HoldOrder
from quota.pools import service as pools
from quota.pools.schemas import PoolsBatch
from quota.settings import Settings
from quota.settlements.service import settle_overdue
from quota.sweeps import mismatches

CITY = "330800"
ROWS = ("m/a", "m/b", "m/c")
INTAKE = Actor(caller="intake", cities=frozenset({CITY}))
some_rows = st.lists(st.sampled_from(ROWS), min_size=1, max_size=3, unique=True)
limits = st.tuples(*(st.integers(0, 4) for _ in ROWS))


class Answers:
    """Intake's settle door: says of each subject what the machine has decided."""

    def __init__(self) -> None:
        self.committed: set[UUID] = set()

    async def call(self, _service: str, _method: str, path: str, **_options: Any) -> dict[str, str]:
        subject = UUID(path.split("/")[3])
        return {"outcome": "committed" if subject in self.committed else "void"}


class Places(RuleBasedStateMachine):
    settings: Settings

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.engine = self.runner.run(self._engine())
        self.db = Database(self.engine, Base.metadata)
        self.guide = f"m-{new_id().hex[-12:]}"
        self.limits = dict.fromkeys(ROWS, 0)
        self.taken: dict[UUID, tuple[Sequence[str], int]] = {}
        self.state: dict[UUID, str] = {}
        self.versions = 0

    async def _engine(self) -> Any:
        return new_engine(self.settings)

    def teardown(self) -> None:
        self.runner.run(self._leave())
        self.runner.close()

    async def _leave(self) -> None:
        for subject, state in self.state.items():
            if state == "held":
                await holds.void(self.db, INTAKE, subject, city=CITY, reason="over")
        await self.engine.dispose()

    # commands, each answering "ok" or the code of its refusal

    def do(self, *commands: Coroutine[Any, Any, Any]) -> list[str]:
        async def one(command: Coroutine[Any, Any, Any]) -> str:
            try:
                await command
            except DomainError as refusal:
                return refusal.code
            return "ok"

        async def every() -> list[str]:
            return list(await asyncio.gather(*(one(command) for command in commands)))

        return self.runner.run(every())

    def take(self, subject: UUID, rows: Sequence[str], n: int) -> Coroutine[Any, Any, Any]:
        wanted = [{"key": f"{self.guide}/{row}", "n": n} for row in rows]
        order = HoldOrder.model_validate(
            {"city": CITY, "subject": subject, "pools": wanted, "reason": "recommended"}
        )
        return holds.take(self.db, INTAKE, order)

    def confirm(self, subject: UUID) -> Coroutine[Any, Any, Any]:
        return holds.confirm(self.db, INTAKE, subject, city=CITY, reason="committed")

    def void(self, subject: UUID) -> Coroutine[Any, Any, Any]:
        return holds.void(self.db, INTAKE, subject, city=CITY, reason="withdrawn")

    def stage(self, wanted: Sequence[int]) -> str:
        self.versions += 1
        version = f"{self.versions:064x}"
        rows = [{"id": row, "unit_zh": row, "limit": limit} for row, limit in zip(ROWS, wanted, strict=True)]
        block = {"category": "m", "total": sum(wanted), "rows": rows}
        tables = AllocationIn.model_validate({"city": CITY, "blocks": [block]})
        assert self.do(allocations.stage(self.db, INTAKE, self.guide, version, tables)) == ["ok"]
        return version

    def activate(self, version: str) -> Coroutine[Any, Any, Any]:
        return allocations.activate(self.db, INTAKE, CITY, self.guide, version)

    # the model

    def used(self, row: str) -> int:
        return sum(
            n
            for subject, (rows, n) in self.taken.items()
            if row in rows and self.state[subject] in ("held", "confirmed")
        )

    def fits(self, rows: Sequence[str], n: int) -> bool:
        return all(self.used(row) + n <= self.limits[row] for row in rows)

    def known(self, pick: int) -> UUID | None:
        subjects = list(self.state)
        return subjects[pick % len(subjects)] if subjects else None

    # rules

    @initialize(first=limits)
    def open(self, first: tuple[int, ...]) -> None:
        assert self.do(self.activate(self.stage(first))) == ["ok"]
        self.limits = dict(zip(ROWS, first, strict=True))

    @rule(rows=some_rows, n=st.integers(1, 2))
    def somebody_takes(self, rows: list[str], n: int) -> None:
        subject = new_id()
        expected = "ok" if self.fits(rows, n) else "quota.place_exhausted"
        assert self.do(self.take(subject, rows, n)) == [expected]
        if expected == "ok":
            self.taken[subject], self.state[subject] = (rows, n), "held"

    @rule(pick=st.integers(0, 99))
    def somebody_retries(self, pick: int) -> None:
        subject = self.known(pick)
        if subject is None:
            return
        rows, n = self.taken.get(subject, (ROWS[:1], 1))
        expected = "quota.hold_void" if self.state[subject] == "void" else "ok"
        assert self.do(self.take(subject, list(reversed(rows)), n)) == [expected]

    @rule(pick=st.integers(0, 99))
    def intake_confirms(self, pick: int) -> None:
        subject = self.known(pick)
        if subject is None:
            return
        void = self.state[subject] == "void"
        assert self.do(self.confirm(subject)) == ["quota.hold_void" if void else "ok"]
        if not void:
            self.state[subject] = "confirmed"

    @rule(pick=st.integers(0, 99), unheard=st.booleans())
    def intake_voids(self, pick: int, unheard: bool) -> None:
        subject = None if unheard else self.known(pick)
        subject = subject or new_id()
        assert self.do(self.void(subject)) == ["ok"]
        self.state[subject] = "void"

    @rule(fresh=limits)
    def a_version_is_activated(self, fresh: tuple[int, ...]) -> None:
        wanted = dict(zip(ROWS, fresh, strict=True))
        possible = all(self.used(row) <= limit for row, limit in wanted.items())
        outcome = self.do(self.activate(self.stage(fresh)))
        assert outcome == ["ok" if possible else "quota.limit_below_use"]
        if possible:
            self.limits = wanted

    @rule(committed=st.sets(st.integers(0, 99), max_size=5))
    def the_sweep_runs(self, committed: set[int]) -> None:
        answers = Answers()
        answers.committed = {subject for pick in committed if (subject := self.known(pick))}
        self.do(settle_overdue(self.db, answers, timedelta()))  # type: ignore[arg-type]  # only call is used
        for subject, state in self.state.items():
            if state == "held":
                self.state[subject] = "confirmed" if subject in answers.committed else "void"

    @rule(
        wanted=st.lists(some_rows, min_size=2, max_size=8),
        picks=st.sets(st.integers(0, 99), max_size=3),
        fresh=st.none() | limits,
    )
    def rush(self, wanted: list[list[str]], picks: set[int], fresh: tuple[int, ...] | None) -> None:
        """Takes, a retry and a void of each picked subject, and perhaps an activation, all at once."""
        newcomers = [(new_id(), rows) for rows in wanted]
        leaving = list({subject for pick in picks if (subject := self.known(pick))})
        version = self.stage(fresh) if fresh else None
        commands = [self.take(subject, rows, 1) for subject, rows in newcomers]
        commands += [self.void(subject) for subject in leaving]
        commands += [self.take(subject, *self.taken.get(subject, (ROWS[:1], 1))) for subject in leaving]
        commands += [self.activate(version)] if version else []
        outcomes = self.do(*commands)
        for (subject, rows), outcome in zip(newcomers, outcomes, strict=False):
            assert outcome in ("ok", "quota.place_exhausted")
            if outcome == "ok":
                self.taken[subject], self.state[subject] = (rows, 1), "held"
        voided, retried = (
            outcomes[len(newcomers) :][: len(leaving)],
            outcomes[len(newcomers) + len(leaving) :],
        )
        assert set(voided) <= {"ok"}
        assert set(retried[: len(leaving)]) <= {"ok", "quota.hold_void"}
        self.state |= dict.fromkeys(leaving, "void")
        if version and fresh:
            assert outcomes[-1] in ("ok", "quota.limit_below_use")
            if outcomes[-1] == "ok":
                self.limits = dict(zip(ROWS, fresh, strict=True))

    @invariant()
    def everything_agrees(self) -> None:
        self.runner.run(self._agree())

    async def _agree(self) -> None:
        assert not await mismatches(self.db)
        async with self.db.read(INTAKE) as session:
            wanted = PoolsBatch(keys=[f"{self.guide}/{row}" for row in ROWS])
            for pool in await pools.batch(session, wanted):
                assert (pool.used, pool.limit) == (self.used(pool.row), self.limits[pool.row])
                entries = (await pools.ledger(session, pool.id, None, 10_000)).items
                assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
                assert sum(entry.delta for entry in entries) == pool.used
                assert all(0 <= entry.used <= entry.limit for entry in entries)
            found = await holds.batch(session, list(self.state))
        assert {hold.subject: hold.state.value for hold in found} == self.state
        async with self.db.read(ALL_CITIES) as session:
            still_open = await holds.overdue(session, timedelta(), None, 1000)
        assert {hold.subject for hold in still_open} == {
            subject for subject, state in self.state.items() if state == "held"
        }


def test_places_are_never_oversold_or_lost(db_settings: Callable[[str], dict[str, Any]]) -> None:
    machine = type("PlacesHere", (Places,), {"settings": settings_for(Settings, **db_settings("quota"))})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=16,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
