"""Exceptions from clauses in principle (原则上): granted or refused for one rule, never for another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guide.constructs.evidence import Soft, SoftArgs
from guide.pack import Pack
from guide.words import Outcome


def exception_outcome(pack: Pack, rule: str, facts: Mapping[str, Any]) -> Outcome | None:
    """What a person's word on the rule's exception makes of it; None if the facts hold no such word.

    Several rules of a guide read the same fact for their exceptions. As a fact the word would grant them all;
    recorded on one rule it is an outcome of that rule. KeyError for an unknown rule.
    """
    for clause in _in_principle(pack, rule):
        if clause.decision in facts:
            return Outcome.passed if facts[clause.decision] == clause.granted else Outcome.fail
    return None


def _in_principle(pack: Pack, rule: str) -> list[SoftArgs]:
    return [node.soft for _, node in pack.rules[rule].require.walk() if isinstance(node, Soft)]
