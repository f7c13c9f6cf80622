"""One assessment over HTTP, as intake asks for it, beside what each layer of it costs alone."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
from joserfc import jwt

from cli import house, processes, project
from cli.bench import rows as equal_rows
from cli.bench import scale
from cli.bench.load import Target, per_second
from cli.bench.peers import folder
from cli.bench.rules import PATENT, Applicant, applicants_of
from cli.bench.rush import memory
from cli.bench.table import Row, Table, in_turns
from cli.errors import Refusal
from cli.local import House
from cli.ports import LOOPBACK, free
from cli.tokens import ALGORITHM, refuse_in_production
from common.clock import clock
from common.ids import new_id
from guide import load_pack, nest

CITY = "330800"
CLIENTS = (1, 16)
_TOKEN_S = 3600
_READY_S = 20
_JSON = {"content-type": "application/json"}


def measure(home: House, *, number: int = 300, rounds: int = 3) -> list[Table]:
    """A table for each number of clients, and what the services weigh at rest.

    Args:
        number: requests of each competitor in a round.

    Raises:
        Refusal: an answer is not what it should be.
    """
    at_rest = memory(home)
    guide, category = PATENT
    pack = load_pack((project.root() / "deploy" / "guides" / f"{guide}.yaml").read_bytes())
    sound = next(one for one in applicants_of(guide, pack) if one.id == f"whole/{category}/approval")
    taking, asking = _taking(home, pack.version, sound), _asking(home, sound)
    answer = _same_answer(taking, asking)
    asyncio.run(equal_rows.prepare(home, UUID(answer["id"])))
    with _echo(home, answer) as echo:
        alone = replace(echo, body=taking.body)

        def in_memory() -> float:
            began = time.perf_counter()
            for _ in range(number):
                orjson.dumps(sound.ask(pack).as_dict())
            return number / (time.perf_counter() - began)

        def runs(clients: int) -> Mapping[str, Callable[[], float]]:
            found: dict[str, Callable[[], float]] = {
                "taken": lambda: per_second(taking, clients=clients, number=number),
                "asked": lambda: per_second(asking, clients=clients, number=number),
                "echo": lambda: per_second(alone, clients=clients, number=number),
                "memory": in_memory,
            }
            if scale.program() is not None:
                found["row"] = lambda: equal_rows.per_second_by_pgbench(home, clients=clients, number=number)
            return found

        for target in (taking, asking, alone):
            per_second(target, clients=1, number=20)  # every process has its code and its plans then
        sizes = f"{len(taking.body()) / 1024:.0f} kB in, {len(orjson.dumps(answer)) / 1024:.0f} kB out"
        tables = [_table(clients, in_turns(runs(clients), rounds), sizes) for clients in CLIENTS]
    weights = [
        Row(name, "resident memory after start and one guide", [found]) for name, found in at_rest.items()
    ]
    return [*tables, Table("Services at rest", "MB", weights)]


def _table(clients: int, figures: Mapping[str, list[float]], sizes: str) -> Table:
    return Table(
        f"One assessment over HTTP, {clients} client{'s' * (clients > 1)}: 41 rules, {sizes}",
        "a second",
        [
            Row(
                "POST /v1/assessments",
                "checked, registers and decisions asked, judged, stored with its audit row",
                figures["taken"],
                base=True,
            ),
            Row("POST /v1/prechecks", "checked and judged, nothing stored", figures["asked"]),
            Row("bare FastAPI route", "the same body parsed, as long an answer written", figures["echo"]),
            Row("evaluation in memory", "whole findings as JSON, one process", figures["memory"]),
            Row(
                "pgbench",
                "the same row and its audit row inserted, nothing judged",
                figures.get("row", ()),
                absent="" if "row" in figures else "not installed",
            ),
        ],
    )


def _taking(home: House, version: str, sound: Applicant) -> Target:
    facts = [
        {"name": name, "value": value, "source": "form", "at": sound.as_of, "revision": 1}
        for name, value in sound.facts.items()
    ]
    body = {
        "city": CITY,
        "guide": PATENT[0],
        "pack_version": version,
        "category": sound.category,
        "stage": sound.stage,
        "as_of": sound.as_of,
        "facts": facts,
    }

    def made() -> bytes:
        return orjson.dumps({"id": str(new_id()), "application_id": str(new_id()), **body})

    token = {"authorization": f"Bearer {_token(home)}"}
    return Target(f"{home.where.url(house.ELIGIBILITY)}/v1/assessments", made, token, status=201)


def _asking(home: House, sound: Applicant) -> Target:
    body = {
        "guide": PATENT[0],
        "category": sound.category,
        "stage": sound.stage,
        "as_of": sound.as_of,
        "facts": nest(sound.facts),
    }
    token = {"authorization": f"Bearer {_token(home)}"}
    return Target(f"{home.where.url(house.ELIGIBILITY)}/v1/prechecks", lambda: orjson.dumps(body), token)


def _token(home: House) -> str:
    """Intake's own, as it is for no longer than a request; here for the whole run."""
    refuse_in_production()
    now = int(clock.system().timestamp())
    claims = {"iss": f"service:{house.INTAKE}", "aud": house.ELIGIBILITY, "iat": now, "exp": now + _TOKEN_S}
    claims |= {"cities": [CITY], "act": None}
    header = {"alg": ALGORITHM, "kid": house.INTAKE}
    return jwt.encode(header, claims, home.keys.key(house.INTAKE), algorithms=[ALGORITHM])


def _same_answer(taking: Target, asking: Target) -> dict[str, Any]:
    """One assessment; the precheck of the same facts must say the same, but for facts that registers own.

    Raises:
        Refusal: it does not.
    """
    taken, asked = (
        httpx.post(one.url, content=one.body(), headers=_JSON | one.headers, trust_env=False, timeout=60)
        for one in (taking, asking)
    )
    if taken.status_code != taking.status or asked.status_code != asking.status:
        raise Refusal(f"{taken.status_code} {taken.text[:500]}\n{asked.status_code} {asked.text[:500]}")
    answer: dict[str, Any] = taken.json()
    ignored = set(answer["ignored"])
    theirs = {finding["rule"]: finding for finding in asked.json()["findings"]}
    for finding in answer["findings"]:
        other = theirs[finding["rule"]]
        used = {fact["name"] for fact in other["facts_used"]} | {
            fact["name"] for fact in finding["facts_used"]
        }
        if finding["outcome"] != other["outcome"] and not used & ignored:
            raise Refusal(f"{finding['rule']}: {finding['outcome']} stored, {other['outcome']} asked")
    return answer


@contextmanager
def _echo(home: House, answer: Mapping[str, Any]) -> Iterator[Target]:
    """The bare route, running.

    Raises:
        Refusal: it does not start.
    """
    file, port = home.work_dir / "answer.json", free()
    file.write_bytes(orjson.dumps(answer))
    command = [sys.executable, str(folder() / "echo.py"), str(port), str(file)]
    target = Target(f"http://{LOOPBACK}:{port}/echo", lambda: b"{}", {})
    child = processes.start(command, env={"PATH": ""}, cwd=Path(home.work_dir), output=subprocess.DEVNULL)
    try:
        _wait(target, child)
        yield target
    finally:
        processes.stop(child)


def _wait(target: Target, child: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _READY_S
    while True:
        try:
            httpx.post(target.url, json={}, trust_env=False).raise_for_status()
        except httpx.ConnectError:
            if child.poll() is not None or time.monotonic() > deadline:
                raise Refusal("The bare FastAPI route does not start.") from None
            time.sleep(0.05)
        else:
            return
