"""The leaves mean the same to a second, independent CEL engine."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import cel
import pytest

from guide import Pack, nest
from guide.cases import build_case
from guide.functions import functions
from guide.words import Stage

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "qz-2020.json").read_text())


def conditions(pack: Pack) -> list[str]:
    found: dict[str, None] = {}
    for rule in pack.rules.values():
        for root in (rule.guard, rule.require):
            for _, node in root.walk() if root is not None else ():
                found.update((text, None) for _, text in node.conditions() if "item." not in text)
    return [text for text in found if "reading" not in text]


def second_engine(values: dict[str, Any]) -> cel.Context:
    context = cel.Context(nest(values))
    for name, _, _, implementation in functions(ZoneInfo("Asia/Shanghai")):
        context.add_function(name, implementation)
    return context


def truth(text: str, context: cel.Context) -> bool | None:
    try:
        value = cel.evaluate(text, context)
    except (KeyError, RuntimeError, TypeError, ValueError):
        return None
    return value if isinstance(value, bool) else None


@pytest.mark.parametrize("category", ["qz20-major", "qz20-rd", "qz20-patent"])
def test_same_truth(qz: Pack, category: str) -> None:
    texts = conditions(qz)
    compared: set[tuple[str, bool | None]] = set()
    for case in CASES:
        if "kind" in case or case["category"] != category:
            continue
        as_of = datetime.fromisoformat(case["as_of"])
        ours = build_case(qz, category, Stage(case["stage"]), as_of, case["facts"])
        theirs = second_engine(dict(ours.values))
        for text in texts:
            expected = ours.value(text)
            assert truth(text, theirs) is expected, (case["id"], text)
            compared.add((text, expected))
    assert len(compared) > 1.5 * len(texts)
