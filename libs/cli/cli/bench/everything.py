"""`shenbao bench`: rules, loading, assessments, matches, impact one after the other; one page of results.

Nothing fails because of a time; what fails is another answer than expected.
"""

import asyncio
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import asyncpg

from cli import operations, project
from cli.bench import impact, loading, matches, peers, rules, taking
from cli.bench.rules import PACKS
from cli.bench.table import Row, Table, in_turns
from cli.errors import Refusal
from cli.local import House, Plan, running_house
from cli.project import RunDir
from common.clock import clock
from guide import evaluate, load_pack

ALONE = ("rules", "loading")
AT_HOME = ("assessments", "matches", "impact")
"""Names of the benchmarks: those that need nothing, and those that need a running house, in their order."""
_ROUNDS = 3
Say = Callable[[str], None]


def bench(wanted: Sequence[str], say: Say, *, assessments: int) -> int:
    """Run these, print and write what came of it.

    Args:
        assessments: how many stored ones the impact is measured on.

    Raises:
        Refusal: an answer is not what it should be, or something does not start.
    """
    began = time.monotonic()
    tables: list[Table] = []

    def came(found: list[Table]) -> None:
        tables.extend(found)
        say("\n".join(line for table in found for line in table.lines()))

    if "rules" in wanted:
        peers.install(say)
        came(rules.measure(say))
    if "loading" in wanted:
        came(loading.measure(say))
    postgres = ""
    at_home = [name for name in AT_HOME if name in wanted]
    if at_home:
        with _home(say) as home:
            postgres = asyncio.run(_version(home))
            for name in at_home:
                came(_measured(home, name, assessments))
    page = _page(tables, postgres, time.monotonic() - began)
    name = "" if len(wanted) == len(ALONE + AT_HOME) else "-" + "-".join(wanted)
    file = project.root() / "bench" / "results" / f"{clock.system():%Y-%m-%d}{name}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page, encoding="utf-8")
    say(f"written to {file.relative_to(project.root())}")
    return 0


@contextmanager
def _home(say: Say) -> Iterator[House]:
    """A fresh house with the four guides published."""
    run = RunDir(RunDir.of_project().path / "bench")
    shutil.rmtree(run.path, ignore_errors=True)
    run.made()
    with running_house(run, Plan(lasting=False), say) as home:
        for name in PACKS:
            operations.publish(
                home.intake_url, home.keys, project.root() / "deploy" / "guides" / f"{name}.yaml"
            )
        yield home


def _measured(home: House, name: str, assessments: int) -> list[Table]:
    if name == "assessments":
        return taking.measure(home)
    return matched(home) if name == "matches" else impacted(home, assessments)


def matched(home: House, *, rounds: int = _ROUNDS, questions: int = 30) -> list[Table]:
    """A match over all published guides, beside the same categories judged in memory."""
    figures = in_turns(
        {
            "asked": lambda: matches.measure(home, rounds=questions).milliseconds,
            "memory": _every_category_in_memory(questions),
        },
        rounds,
    )
    categories = matches.measure(home, rounds=1).categories
    rows = [
        Row(
            "POST /v1/matches",
            f"{categories} open categories, ranked, reasons, questions",
            figures["asked"],
            True,
        ),
        Row("evaluation in memory", "verdicts of every category, open or not", figures["memory"]),
    ]
    return [Table("A match over all categories of four guides, one client", "ms a question", rows)]


def _every_category_in_memory(questions: int) -> Callable[[], float]:
    packs = [
        load_pack((project.root() / "deploy" / "guides" / f"{name}.yaml").read_bytes()) for name in PACKS
    ]

    def run() -> float:
        began = time.perf_counter()
        for _ in range(questions):
            for pack in packs:
                for leaf in pack.leaves:
                    evaluate(pack, category=leaf.id, as_of=matches.AS_OF, facts=matches.FACTS)
        return (time.perf_counter() - began) / questions * 1000

    return run


def impacted(home: House, assessments: int, *, rounds: int = _ROUNDS) -> list[Table]:
    """A changed pack against stored assessments.

    Raises:
        Refusal: not all of them were replayed.
    """
    asyncio.run(impact.fill(home, assessments))
    found = [impact.measure(home) for _ in range(rounds)]
    for one in found:
        if one.replayed != assessments:
            raise Refusal(f"{one.replayed} of {assessments} assessments were replayed")
    row = Row(
        "POST /v1/impact",
        f"{found[0].changed:,} changed, {found[0].progress_lines} lines of progress",
        [one.seconds for one in found],
        base=True,
    )
    first = Row("the first progress", "after the request", [one.first_progress for one in found])
    return [Table(f"A changed pack against {assessments:,} stored assessments", "s", [row, first])]


async def _version(home: House) -> str:
    db = await asyncpg.connect(home.admin_dsn)
    try:
        found: str = await db.fetchval("SHOW server_version")
        return found
    finally:
        await db.close()


def _page(tables: Sequence[Table], postgres: str, took_s: float) -> str:
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    machine = [
        f"{clock.system():%Y-%m-%d %H:%M} UTC",
        f"{os.cpu_count()} cores, {platform.machine()}{load}",
        f"{platform.python_implementation()} {platform.python_version()}",
        *([f"PostgreSQL {postgres}"] if postgres else []),
        f"{took_s:.0f} s",
    ]
    head = [
        "# Benchmarks",
        "",
        "; ".join(machine) + ".",
        "",
        "Figures are medians of the rounds, taken in turns; a ratio is a row's figure by the first row's.",
        "",
    ]
    return "\n".join(head + [line for table in tables for line in table.lines()]).rstrip() + "\n"
