"""A house to be crashed: five services and two workers in processes of their own, a Postgres of its own."""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from cli import project
from cli.cluster import Cluster
from cli.demo.season.doors import document
from cli.demo.season.roster import Entry, Roster
from cli.demo.season.season import Season
from cli.local import House

CLIENT, POSTGRES, SELF = "client", "postgres", "self"
WORKERS = ("intake", "quota")
SERVICES_WITH_JOBS = ("intake", "quota", "documents", "eligibility")
PATIENCE_S = 45.0
LOOK_S = 0.02


def with_places(path: Path, places: int) -> Path:
    """Write the guide of Quzhou with so many places for 市本级."""
    text = (project.root() / "deploy/guides/qz-2020.yaml").read_text(encoding="utf-8")
    block = r"(category: qz20-rd\n    total: )(\d+)(.*?token: city_level,[^}]*limit: )(\d+)"
    found = re.search(block, text, re.DOTALL)
    assert found is not None
    total = int(found[2]) - int(found[4]) + places
    text = text[: found.start()] + f"{found[1]}{total}{found[3]}{places}" + text[found.end() :]
    path.write_text(text, encoding="utf-8")
    return path


async def until(what: str, look: Callable[[], Awaitable[Any]]) -> Any:
    """Look until there is something, and give it.

    Raises:
        AssertionError: it did not come about.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not (found := await look()):
        assert time.monotonic() < deadline, f"did not come about: {what}"
        await asyncio.sleep(LOOK_S)
    return found


@dataclass(frozen=True, slots=True)
class Order:
    """A mutation and who sends it."""

    subject: str
    mutation: str
    fields: str
    given: dict[str, Any]


@dataclass(slots=True)
class Site:
    """The house, how to hurt it, and who acts in it.

    Attributes:
        faults: the folder in which fault points are armed.
        pack: the guide in force.
        fresh: applicants who have not drafted anything yet; `begun` the others, each with a season alone.
    """

    house: House
    cluster: Cluster
    season: Season
    faults: Path
    pack: Path
    fresh: list[Entry] = field(default_factory=list)
    begun: list[tuple[Season, Entry]] = field(default_factory=list)

    def alone(self) -> tuple[Season, Entry]:
        """The next applicant, and a season in which nobody else files."""
        entry, whole = self.fresh.pop(), self.season.roster
        roster = Roster(whole.units, whole.recommenders, [entry], whole.experts, whole.staff)
        self.begun.append((Season(self.house, self.season.door, roster, self.season.names), entry))
        return self.begun[-1]

    # fault points

    def arm(self, point: str) -> None:
        """Hold the first process that reaches this point."""
        (self.faults / point).touch()

    async def reached(self, point: str) -> int:
        """Wait until a process is held there; its id."""

        async def look() -> list[Path]:
            return list(self.faults.glob(f"{point}@*"))

        (held,) = await until(f"{point} is reached", look)
        return int(held.name.rpartition("@")[2])

    def let_go(self) -> None:
        """Hold nobody any more."""
        for file in self.faults.iterdir():
            file.unlink()

    # crashes

    def kill(self, victim: str, pid: int) -> str:
        """Kill -9; the name of what died. `self` is the service or worker whose process id is given."""
        if victim == POSTGRES:
            assert self.cluster.server is not None
            self.cluster.server.kill()
            return victim
        named = {child.pid: name for name, child in self.house.fleet.children.items()}
        name = named[pid] if victim == SELF else victim
        self.house.fleet.kill_service(name)
        return name

    async def start_again(self, name: str) -> None:
        """Start what was killed, and wait until everything is ready."""

        def start() -> None:
            if name == POSTGRES:
                assert self.cluster.server is not None
                self.cluster.server.start_again()
            else:
                self.house.fleet.start_service(name)
            self.house.fleet.wait_ready()

        await asyncio.to_thread(start)

    def client(self, order: Order) -> subprocess.Popen[bytes]:
        """A process of its own that sends a mutation once."""
        query = document(order.mutation, order.fields)
        content = {"query": query, "variables": {"input": order.given}}
        token = self.house.user_token(order.subject)
        asked = {
            "url": f"{self.house.gateway_url}/graphql",
            "headers": {"authorization": f"Bearer {token}", "content-type": "application/json"},
            "body": json.dumps(content),
        }
        command = [sys.executable, "-I", str(Path(__file__).with_name("client.py"))]
        process = subprocess.Popen(command, stdin=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(json.dumps(asked).encode())
        process.stdin.close()
        return process

    async def insist(self, order: Order) -> dict[str, Any]:
        """Send a mutation until it is answered, by the same key each time; as people and portals do."""
        person = self.season.person(order.subject)
        return await person.do(order.mutation, order.fields, **order.given)

    # looking

    async def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """What a query of the administrator gives, over all schemas."""
        connection = await asyncpg.connect(self.house.admin_dsn)
        try:
            return [dict(row) for row in await connection.fetch(sql, *values)]
        finally:
            await connection.close()
