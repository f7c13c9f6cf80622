"""The four cities' packs with something changed, and assessments made up from their golden cases."""

import json
import os
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from common.clock import parse_instant
from common.ids import new_id
from eligibility.impact.replay import Stored
from eligibility.judging.deciding import Fact
from eligibility.judging.service import Judgement, judge
from guide import Pack, check_facts, flatten, load_pack
from guide.yaml_reader import read_yaml

ROOT = Path(__file__).parents[3]
PACKS = ("gl-2019", "hy-2021", "lz-2022", "qz-2020")
Json = dict[str, Any]
Change = Callable[[Json], None]


@cache
def text_of(name: str) -> str:
    return (ROOT / "deploy" / "guides" / f"{name}.yaml").read_text(encoding="utf-8")


@cache
def loaded(text: str) -> Pack:
    return load_pack(text)


def changed(name: str, change: Change) -> str:
    """The text of a pack after something was done to its data."""
    data = read_yaml(text_of(name).encode())[0]
    change(data)
    return json.dumps(data, ensure_ascii=False)


def die(*_arguments: Any) -> None:
    """What a process does that the machine takes away."""
    os._exit(1)


def rule(data: Json, rule_id: str) -> Json:
    return next(one for one in data["rules"] if one["id"] == rule_id)


@cache
def questions(name: str) -> tuple[tuple[str, str, datetime, Mapping[str, Any]], ...]:
    """(category, stage, as of, facts) of the pack's golden cases."""
    pack = loaded(text_of(name))
    found = []
    for file in sorted((ROOT / "tests" / "guide" / "cases").glob(f"{name}*.json")):
        for case in orjson.loads(file.read_bytes()):
            if "facts" in case and pack.is_leaf(case.get("category", "")):
                facts = flatten(case["facts"], pack.facts)
                at = parse_instant(case["as_of"])
                found.append((case["category"], case.get("stage", "submission"), at, facts))
    return tuple(found)


def assessments(name: str, count: int, seed: int) -> Iterator[tuple[Stored, Judgement, list[Fact]]]:
    """Made-up assessments: golden cases, some facts taken away, some owners away."""
    chance = random.Random(seed)
    pack = loaded(text_of(name))
    for _ in range(count):
        category, stage, as_of, kept = _some(name, pack, chance)
        away = [fact for fact in pack.facts if fact not in kept and chance.random() < 0.02]
        known = [Fact(fact, value, "form", as_of, 1) for fact, value in kept.items()]
        judgement = judge(pack, category=category, stage=stage, as_of=as_of, facts=known, unavailable=away)
        yield stored(pack, category, stage, as_of, judgement, away), judgement, known


def _some(name: str, pack: Pack, chance: random.Random) -> tuple[str, str, datetime, Json]:
    """A case with a tenth of its facts gone, such as eligibility would take: without what explains them, two
    places may contradict each other."""
    while True:
        category, stage, as_of, facts = chance.choice(questions(name))
        kept = {fact: value for fact, value in facts.items() if chance.random() > 0.1}
        if not check_facts(pack, category, kept):
            return category, stage, as_of, kept


def stored(
    pack: Pack, category: str, stage: str, as_of: datetime, judgement: Judgement, away: list[str]
) -> Stored:
    """An assessment as a page of an impact hands it over."""
    return Stored(
        id=str(new_id()),
        application_id=str(new_id()),
        pack_version=pack.version,
        category=category,
        stage=stage,
        as_of=as_of,
        eligible=judgement.eligible,
        decision=judgement.decision.decision,
        facts=orjson.dumps(
            [
                {"name": one.name, "value": one.value, "source": one.source, "at": one.at}
                for one in judgement.facts
            ]
        ).decode(),
        unavailable=orjson.dumps(away).decode(),
        outcomes=orjson.dumps({one["rule"]: one["outcome"] for one in judgement.findings}).decode(),
    )
