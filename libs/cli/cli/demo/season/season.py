"""The state of a running season, and what all its phases use."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from cli.demo.season import plan, roster
from cli.demo.season.doors import AT_ONCE, Door, Person
from cli.demo.season.names import Names
from cli.demo.season.roster import Entry, Roster
from cli.local import House
from common.clock import parse_instant

T = TypeVar("T")
_LOOK_S = 0.2
_PATIENCE_S = 60.0


class Stuck(Exception):
    """Something that must come about by itself did not."""


@dataclass(slots=True)
class Season:
    """Attributes:
    phases: name, seconds and requests of each phase so far.
    strangers: what strangers tried -> (tries, turned away).
    notes: further checks of the run, each with its finding; `wrong` are those that must not be.
    patience_s: how long to wait for what comes about by itself.
    """

    house: House
    door: Door
    roster: Roster
    names: Names
    phases: list[tuple[str, float, int]] = field(default_factory=list)
    strangers: dict[str, list[int]] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    patience_s: float = _PATIENCE_S

    @classmethod
    def of(cls, house: House, door: Door) -> "Season":
        return cls(house, door, roster.make(plan.SEED), Names(plan.SEED + 1))

    @property
    def entries(self) -> list[Entry]:
        return self.roster.entries

    def person(self, subject: str) -> Person:
        """Sign somebody in."""
        return Person(self.door, self.house.user_token(subject))

    def applicant(self, entry: Entry) -> Person:
        """Who files an application."""
        return self.person(entry.subject)

    def recommender(self, entry: Entry) -> Person:
        """The person of its recommending unit."""
        return self.person(f"recommender-{entry.above}")

    def of_waves(self, *waves: str) -> list[Entry]:
        """Applications of these waves that are filed at all."""
        return [one for one in self.entries if one.wave in waves and one.case.step != "never"]

    def clock(self, instant: str, *, running: bool = False) -> datetime:
        """Set the business clock to an instant of China's time, and hold it there or let it run."""
        at = parse_instant(f"2020-{instant}+08:00")
        self.house.set_clock(at, frozen=not running)
        return at

    def check(self, what: str, found: Any, wanted: Any) -> None:
        """Note a check of the run; where it fails the run fails."""
        good = found == wanted
        self.notes.append((what, f"{found}" if good else f"{found}, expected {wanted}"))
        if not good:
            self.wrong.append(f"{what}: {found}, expected {wanted}")

    def turned_away(self, what: str, was: bool) -> None:
        """Note what came of a stranger's try."""
        tries = self.strangers.setdefault(what, [0, 0])
        tries[0] += 1
        tries[1] += int(was)

    async def phase(self, name: str, work: Callable[["Season"], Awaitable[str]]) -> None:
        """Do one phase, measure it, and say what it came to."""
        began, before, known = time.monotonic(), self.door.tally["requests"], len(self.wrong)
        words = await work(self)
        took, asked = time.monotonic() - began, self.door.tally["requests"] - before
        self.phases.append((name, took, asked))
        self.house.say(f"{name}: {words} ({took:.1f} s)")
        for line in self.wrong[known:]:
            self.house.say(f"  ! {line}")


async def each(items: Iterable[T], work: Callable[[T], Awaitable[None]], at_once: int = AT_ONCE) -> None:
    """Do something for each item, so many at a time; the first failure ends all."""
    gate = asyncio.Semaphore(at_once)

    async def one(item: T) -> None:
        async with gate:
            await work(item)

    async with asyncio.TaskGroup() as group:
        for item in items:
            group.create_task(one(item))


async def until(what: str, look: Callable[[], Awaitable[T | None]], patience_s: float = _PATIENCE_S) -> T:
    """Look until something is there.

    Raises:
        Stuck: it did not come in that time.
    """
    deadline = time.monotonic() + patience_s
    while (found := await look()) is None:
        if time.monotonic() > deadline:
            raise Stuck(what)
        await asyncio.sleep(_LOOK_S)
    return found
