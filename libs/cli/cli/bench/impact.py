"""A draft pack against 100,000 stored assessments: over HTTP, with the service's own processes."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import orjson

from cli import house, project
from cli.bench.assessments import Made, made_up
from cli.local import House
from common.ids import new_id
from guide import load_pack

GUIDE, CITY = "qz-2020", "330800"
PLANTED = ("budget.rd_total >= 3000000", "budget.rd_total >= 4000000")
"""The guide of the measurement, and what its draft asks for instead."""

_DIFFERENT = 2_000
_PATIENCE_S = 600
_COLUMNS = (
    "id", "city", "application_id", "guide", "pack_version", "category", "stage", "as_of", "eligible",
    "decision", "facts", "findings", "outcomes", "unavailable", "ignored", "cited_decisions", "created_at",
)  # fmt: skip
_AGAIN = f"""INSERT INTO assessments ({", ".join(_COLUMNS)})
SELECT gen_random_uuid(), city, gen_random_uuid(), {", ".join(_COLUMNS[3:-1])},
  created_at + $1 * interval '1 s'
FROM assessments ORDER BY created_at LIMIT $2"""  # noqa: S608  # names of columns
_FIRST = datetime(2020, 6, 15, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds from the request to the last line, and to the first progress; what came of it."""

    seconds: float
    first_progress: float
    replayed: int
    changed: int
    progress_lines: int


async def fill(home: House, count: int) -> None:
    """Store made-up assessments, as if taken one after the other: different ones first, then those again
    under ids of their own. Everything that a house's tables held of the kind is gone afterwards."""
    text = _text(GUIDE)
    pack = load_pack(text)
    connection = await asyncpg.connect(home.dsns[house.ELIGIBILITY])
    try:
        await connection.execute("TRUNCATE assessments")
        different = min(count, _DIFFERENT)
        made = made_up(pack, different, seed=1)
        rows = [_row(pack.version, one, number) for number, one in enumerate(made)]
        await connection.copy_records_to_table("assessments", records=rows, columns=_COLUMNS)
        for start in range(different, count, different):
            await connection.execute(_AGAIN, start, min(different, count - start))
        await connection.execute("ANALYZE assessments")
    finally:
        await connection.close()


def _row(version: str, made: Made, number: int) -> tuple[Any, ...]:
    at = _FIRST + timedelta(seconds=number)
    return (
        new_id(), CITY, new_id(), GUIDE, version, made.category, made.stage, made.as_of, made.eligible,
        made.decision, made.facts, made.findings, made.outcomes, "[]", "[]", "[]", at,
    )  # fmt: skip


def measure(home: House) -> Measured:
    """One impact of the draft on everything that is stored. The pack must be published, so that what it says
    and what the draft says can be compared.

    Raises:
        RuntimeError: the answer ends without a summary.
    """
    draft = _text(GUIDE).replace(*PLANTED)
    began = time.perf_counter()
    first, lines = 0.0, 0
    for line in _answer(home, draft):
        if line["type"] == "progress":
            lines += 1
            first = first or time.perf_counter() - began
        if line["type"] == "summary":
            seconds = time.perf_counter() - began
            return Measured(seconds, first, line["replayed"], line["changed"], lines)
    raise RuntimeError("no summary: the impact broke off")


def _answer(home: House, draft: str) -> Iterator[dict[str, Any]]:
    url = f"{home.where.url(house.ELIGIBILITY)}/v1/impact"
    headers = {"authorization": f"Bearer {home.operator_token(house.ELIGIBILITY, (CITY,))}"}
    with (
        httpx.Client(trust_env=False, timeout=_PATIENCE_S) as http,
        http.stream("POST", url, headers=headers, json={"text": draft, "lang": "en"}) as answer,
    ):
        answer.raise_for_status()
        for line in answer.iter_lines():
            yield orjson.loads(line)


def _text(guide: str) -> str:
    return (project.root() / "deploy" / "guides" / f"{guide}.yaml").read_text(encoding="utf-8")
