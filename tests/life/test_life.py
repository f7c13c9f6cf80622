"""The whole life under disturbance: people at the same time, owners that go away, jobs late and twice.

SHENBAO_LIFE=full plays many more and longer histories (minutes).
"""

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
import structlog
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.life import checks
from tests.life.checks import Picture
from tests.life.city import LIMIT, POOL, City, Life, founded, publish
from tests.life.commands import ACTIONS, NEXT, UNAVAILABLE, Answer, shown
from tests.life.world import OWNERS, World

from cli.database import setup_database
from common import migrations
from common.clock import parse_instant
from common.ids import new_id

FULL = os.environ.get("SHENBAO_LIFE") == "full"
OPEN = parse_instant("2020-06-01T09:00:00+08:00")
CLOSE = parse_instant("2020-06-28T17:00:00+08:00")
MOST = 6
MUST_BE_REACHED = {
    *("admitted", "admitted_pending", "refused"),
    *("submitted", "recommended", "accepted", "expert_review", "public_notice", "approved", "withdrawn"),
}
SCORE = "an expert's own"  # is no move of the application
moods = st.sampled_from(["away", "deaf"])
picks = st.integers(0, MOST - 1)
actions = st.sampled_from(sorted(ACTIONS))
early = st.sampled_from(
    ["submit", "withdraw", "initial_review", "recommend", "withdraw_recommendation", "edit"]
)


class Whole(RuleBasedStateMachine):
    world: ClassVar[World]
    runner: ClassVar[asyncio.Runner]
    reached: ClassVar[Counter[str]]

    city: City
    picture: Picture

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize()
    def begin(self) -> None:
        self.clock_at(OPEN)
        self.run(self.world.forget())
        self.city = self.run(founded(self.world))
        for _ in range(LIMIT + 1):
            self.run(self.city.draft())
        self.clock_moves(1)
        self.run(self.world.run_jobs("documents"))
        self.picture = self.run(checks.take(self.world))

    def teardown(self) -> None:
        if hasattr(self, "picture"):
            self.everything_settles()

    # the frame of every step

    def step(self, words: set[str], work: Coroutine[Any, Any, Any]) -> Any:
        """Do something, then look: only these moves were made, and nothing contradicts."""
        answer = self.run(work)
        before, self.picture = self.picture, self.run(checks.take(self.world))
        checks.moved_along_the_table(before, self.picture, words)
        checks.nothing_contradicts(self.picture, CLOSE)
        self.reached.update(self.picture.states().values())
        self.reached.update(one.state for one in self.picture.attempts)
        return answer

    def life(self, pick: int) -> Life:
        return self.city.lives[pick % len(self.city.lives)]

    def state(self, life: Life) -> str:
        return self.picture.states()[life.id]

    def alone(self, name: str, life: Life) -> Answer:
        """One command with nobody else about: `allowed_actions` must have said what became of it."""
        action = ACTIONS[name]
        said = self.run(self._said(name, life))
        before = self.state(life)
        answer: Answer = self.step({action.word, "submit"}, action.run(self.city, life, str(new_id())))
        if answer.code == UNAVAILABLE:
            assert self.world.moods
        if not answer.ok:
            assert self.state(life) == before
        if name == "submit" and said in ("window_closed", "window_not_open"):
            assert answer.body["attempt"]["state"] == "refused"
            assert answer.body["attempt"]["failure"]["code"] == f"intake.{said}"
        elif said is not None and said != SCORE and answer.status != 404:
            assert (answer.ok, answer.reason) == (False, said), (name, before, answer)
        elif said is None:
            assert answer.reason is None, (name, before, answer)
        return answer

    async def _said(self, name: str, life: Life) -> str | None:
        action = ACTIONS[name]
        seen = await shown(self.city, life, action.who(self.city, life))
        if seen is None:  # a citizen does not see it
            return None
        lines = {one["action"]: one["reason"] for one in seen["allowed_actions"]}
        reason: str | None = lines.get(action.word, SCORE)
        return reason

    # rules

    @rule(pick=picks)
    def it_goes_on(self, pick: int) -> None:
        life = self.life(pick)
        for name in NEXT.get(self.state(life), ()):
            if name == "approve":
                self.clock_moves(9 * 24)
            self.alone(name, life)

    @rule(pick=picks, steps=st.integers(2, 6))
    def it_goes_far(self, pick: int, steps: int) -> None:
        for _ in range(steps):
            self.it_goes_on(pick)

    @rule(
        pick=picks,
        name=st.sampled_from(OWNERS),
        mood=moods,
        steps=st.integers(0, 2),
        comes_back=st.booleans(),
    )
    def it_goes_on_while_an_owner_fails(
        self, pick: int, name: str, mood: str, steps: int, comes_back: bool
    ) -> None:
        for _ in range(steps):
            self.it_goes_on(pick)
        self.an_owner_fails(name, mood)
        self.it_goes_on(pick)
        self.jobs_run(twice=False)
        if comes_back:
            self.owners_come_back()
            self.it_goes_on(pick)

    @rule(pick=picks, name=actions)
    def somebody_does_something(self, pick: int, name: str) -> None:
        self.alone(name, self.life(pick))

    @precondition(lambda self: len(self.city.lives) < MOST and self.now < CLOSE and not self.world.moods)
    @rule(complete=st.booleans())
    def somebody_drafts(self, complete: bool) -> None:
        self.step(set(), self.city.draft(complete))

    @rule(hours=st.sampled_from([1, 24, 15 * 24]))
    def clock_moves(self, hours: int) -> None:
        self.clock_at(self.now + timedelta(hours=hours))

    def clock_at(self, instant: datetime) -> None:
        self.now = instant
        self.world.clock_at(instant)

    @precondition(lambda self: self.now < CLOSE - timedelta(milliseconds=1))
    @rule(micros=st.sampled_from([-1, 0, 1]))
    def the_close_comes(self, micros: int) -> None:
        self.clock_at(CLOSE + timedelta(microseconds=micros))

    @rule(name=st.sampled_from(OWNERS), mood=moods)
    def an_owner_fails(self, name: str, mood: str) -> None:
        self.world.moods[name] = mood

    @rule()
    def owners_come_back(self) -> None:
        self.world.moods.clear()

    @rule(twice=st.booleans())
    def jobs_run(self, twice: bool) -> None:
        self.step({"submit"}, self.world.run_jobs(twice=twice))

    @rule()
    def the_sweep_runs(self) -> None:
        self.step(set(), self.world.sweep())

    @rule(pick=picks, name=actions)
    def the_same_again(self, pick: int, name: str) -> None:
        """Two with one key at once, and a third when both are answered: one effect, one answer."""
        action, life, key = ACTIONS[name], self.life(pick), str(new_id())

        async def twice() -> list[Answer]:
            both = (action.run(self.city, life, key) for _ in range(2))
            return list(await asyncio.gather(*both))

        first = self.step({action.word, "submit"}, twice())
        if not action.once or not any(one.ok for one in first):
            return
        before = self.picture
        third = self.step({action.word, "submit"}, action.run(self.city, life, key))
        if name in ("submit", "withdraw_recommendation"):
            return  # its body holds the revision, which is another now; or there is nothing left to name
        if third.code != UNAVAILABLE:
            assert third.ok, (name, third)
        assert before.states() == self.picture.states()

    @rule(
        wanted=st.lists(st.tuples(st.one_of(early, actions), picks), min_size=2, max_size=6),
        jobs=st.booleans(),
        sweep=st.booleans(),
    )
    def rush(self, wanted: list[tuple[str, int]], jobs: bool, sweep: bool) -> None:
        """Several people at once, on the same and on other applications, with jobs and sweep between them."""

        async def all_at_once() -> None:
            works: list[Coroutine[Any, Any, Any]] = [
                ACTIONS[name].run(self.city, self.life(pick), str(new_id())) for name, pick in wanted
            ]
            works += [self.world.run_jobs()] if jobs else []
            works += [self.world.sweep()] if sweep else []
            await asyncio.gather(*works)

        self.step({ACTIONS[name].word for name, _ in wanted} | {"submit"}, all_at_once())

    @rule(pick=picks, late=st.booleans(), sweep=st.booleans())
    def a_recommended_one_gives_up(self, pick: int, late: bool, sweep: bool) -> None:
        """Before the close its place becomes free, after it the place stays taken."""
        life = self.life(pick)
        while self.state(life) in ("draft", "submitted", "initial_review_passed") and self.now <= CLOSE:
            before = self.state(life)
            self.it_goes_on(pick)
            if self.state(life) == before:
                break
        if late and self.now <= CLOSE:
            self.clock_at(CLOSE + timedelta(microseconds=1))
        self.alone("withdraw", life)
        self.jobs_run(twice=False)
        if sweep:
            self.the_sweep_runs()

    @rule(sweep=st.booleans())
    def all_units_want_the_last_place(self, sweep: bool) -> None:
        """Everybody who can be recommended is, at once."""
        waiting = [one for one in self.city.lives if self.state(one) == "initial_review_passed"]

        async def all_at_once() -> None:
            works: list[Coroutine[Any, Any, Any]] = [
                ACTIONS["recommend"].run(self.city, one, str(new_id())) for one in waiting
            ]
            works += [self.world.sweep()] if sweep else []
            await asyncio.gather(*works)

        used = self.picture.pools[POOL][0]
        self.step({"recommend"}, all_at_once())
        if not self.world.moods and not sweep and self.now <= CLOSE:
            assert self.picture.pools[POOL][0] == min(LIMIT, used + len(waiting))

    @rule()
    def everything_settles(self) -> None:
        """Nobody is away any more, every job has run: nothing is open, lost or taken twice."""
        self.step({"submit"}, self.world.settle_down())
        complete = {life.id: life.complete for life in self.city.lives}
        self.run(checks.all_is_settled(self.world, self.picture, CLOSE, complete))


@pytest.fixture(scope="module")
def where(admin_dsn: str, db_settings: Callable[[str], dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    """A database of its own on the run's Postgres: each history begins with empty tables."""
    passwords = dict.fromkeys(("eligibility", "documents", "quota", "intake"), "test-only")
    found = setup_database(admin_dsn, passwords, database="shenbao_life")
    for service, dsn in found.items():
        migrations.upgrade(service, dsn)
    return lambda service: {"database_url": found[service]}


@pytest.fixture
def machine(where: Callable[[str], dict[str, Any]], tmp_path: Path) -> Iterator[type[Whole]]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with asyncio.Runner() as runner:
        world = World(where, tmp_path)
        world.clock_at(OPEN)
        runner.run(world.open())
        runner.run(publish(world))
        yield type("WholeHere", (Whole,), {"world": world, "runner": runner, "reached": Counter()})
        runner.run(world.close())
    structlog.reset_defaults()


@pytest.mark.timeout(3600 if FULL else 900)
def test_the_whole_life(machine: type[Whole]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60 if FULL else 6,
            stateful_step_count=60 if FULL else 25,
            deadline=None,
            database=None,
            derandomize=not FULL,
            print_blob=True,
            phases=tuple(Phase) if FULL else (Phase.generate,),  # shrinking takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert machine.reached.keys() >= MUST_BE_REACHED
