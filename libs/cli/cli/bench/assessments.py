"""Assessments made up from a pack's golden cases: whole applicants and partial ones, their figures varied."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from cli import project
from common.clock import parse_instant
from guide import Pack, check_facts, decide, evaluate, flatten


@dataclass(frozen=True, slots=True)
class Made:
    """One assessment; JSON columns as text."""

    category: str
    stage: str
    as_of: datetime
    eligible: str
    decision: str
    facts: str
    findings: str
    outcomes: str


def made_up(pack: Pack, count: int, *, seed: int) -> Iterator[Made]:
    """So many different ones, the same for the same seed: whole applicants, as one that was sent in is, with
    a fact missing here and there."""
    chance = random.Random(seed)  # noqa: S311  # figures of a benchmark
    every = list(_cases(pack))
    most = {category: max(len(one[3]) for one in every if one[0] == category) for category, *_ in every}
    cases = [one for one in every if len(one[3]) >= most[one[0]] * 0.8]
    while count:
        category, stage, as_of, facts = chance.choice(cases)
        varied = {name: _varied(value, chance) for name, value in facts.items() if chance.random() > 0.01}
        if not check_facts(pack, category, varied):
            yield _judged(pack, category, stage, as_of, varied)
            count -= 1


def _varied(value: Any, chance: random.Random) -> Any:
    return int(value * chance.uniform(0.7, 1.6)) if isinstance(value, int) and value > 10_000 else value


def _judged(pack: Pack, category: str, stage: str, as_of: datetime, facts: Mapping[str, Any]) -> Made:
    found = evaluate(pack, category=category, stage=stage, as_of=as_of, facts=facts)
    rows = [finding.as_dict() for finding in found.findings]
    stated = [
        {"name": name, "value": value, "source": "form", "at": as_of.isoformat(), "revision": 1}
        for name, value in facts.items()
    ]
    return Made(
        category,
        stage,
        as_of,
        str(found.eligible),
        orjson.dumps(decide(pack, stage, found).as_dict()).decode(),
        orjson.dumps(stated).decode(),
        orjson.dumps(rows).decode(),
        orjson.dumps({row["rule"]: row["outcome"] for row in rows}).decode(),
    )


def _cases(pack: Pack) -> Iterator[tuple[str, str, datetime, Mapping[str, Any]]]:
    """(category, stage, as of, flat facts) of the golden cases."""
    for file in sorted((project.root() / "tests" / "guide" / "cases").glob(f"{pack.id}*.json")):
        for case in orjson.loads(file.read_bytes()):
            if "facts" in case and pack.is_leaf(case.get("category", "")):
                facts = flatten(case["facts"], pack.facts)
                as_of = parse_instant(case["as_of"])
                yield case["category"], case.get("stage", "submission"), as_of, facts
