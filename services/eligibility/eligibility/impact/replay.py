"""Judging stored assessments once more, under a draft. Runs in processes of its own: pure, nothing but the
pages that it is handed, and no import that makes such a process slow to start."""

import os
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from multiprocessing import connection, parent_process
from typing import Any, NamedTuple

import orjson

from eligibility.judging.deciding import BY_DECISION, Decided, Fact, take_in
from guide import (
    Decision,
    Evaluation,
    Finding,
    Outcome,
    Pack,
    PackRefused,
    Stage,
    check_facts,
    decide,
    evaluate,
    load_pack,
)
from guide.sameness import refitted_facts, same_rules

_SETTLED = frozenset({"pass", "not_applicable"})


class Stored(NamedTuple):
    """An assessment as it was stored; JSON columns are text. `outcomes` are `{rule: outcome}`."""

    id: str
    application_id: str
    pack_version: str
    category: str
    stage: str
    as_of: datetime
    eligible: str
    decision: str
    facts: str
    unavailable: str
    outcomes: str
    decided: tuple[Decided, ...] = ()
    """People's decisions that it rested on, or that were there for it to rest on; oldest first."""


class Draft(NamedTuple):
    """What a replay needs to know of the draft; `earlier`: texts of the versions of this page."""

    text: str
    lang: str
    earlier: Mapping[str, str]


class Looked(NamedTuple):
    """A draft that is a sound pack."""

    guide: str
    version: str
    city: str
    categories: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """What is counted; pages are added up."""

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    decisions: Counter[tuple[str, str]] = field(default_factory=Counter)
    categories: Counter[tuple[str, str]] = field(default_factory=Counter)
    rules: Counter[tuple[str, str | None, str | None]] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        for name in self.__slots__:
            getattr(self, name).update(getattr(other, name))


class Page(NamedTuple):
    """NDJSON lines of what changed, and the counts."""

    lines: bytes
    tally: Tally


def leave_with_parent() -> None:
    """For a process's start: give way to whoever answers requests, and end when the parent does, however."""
    os.nice(5)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_await_end, args=(parent.sentinel,), daemon=True).start()


def _await_end(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def look(text: str) -> Looked | list[tuple[str, str]]:
    """What a draft is; (pointer, reason) of each problem where it is no sound pack."""
    try:
        pack = _draft(text)
    except PackRefused as refused:
        return [(one.pointer, str(one)) for one in refused.problems]
    return Looked(pack.id, pack.version, pack.city, tuple(leaf.id for leaf in pack.leaves))


@lru_cache(maxsize=2)
def _draft(text: str) -> Pack:
    return load_pack(text)


@lru_cache(maxsize=8)
def _earlier(text: str) -> Pack | None:
    """A version that was in force; None where today's reader no longer takes it."""
    try:
        return load_pack(text)
    except PackRefused:
        return None


class _Alike(NamedTuple):
    """What two versions have in common in a category: rules that answer alike; and which facts one of them
    may refuse that the other takes, None: any."""

    rules: frozenset[str]
    refitted: frozenset[str] | None


_NOTHING_ALIKE = _Alike(frozenset(), None)


@lru_cache(maxsize=1024)
def _alike(earlier: str | None, draft: str, category: str) -> _Alike:
    old, new = _earlier(earlier) if earlier is not None else None, _draft(draft)
    if old is None or not old.is_leaf(category):
        return _NOTHING_ALIKE
    return _Alike(same_rules(old, new, category), refitted_facts(old, new, category))


def replay(draft: Draft, page: Sequence[Stored]) -> Page:
    """Judge each assessment of a page under the draft, on the facts as they were stored.

    A rule that answers alike in both versions and passed, or did not apply, is not judged again: it can
    neither refuse nor hold. All others are.
    """
    tally, lines = Tally(), []
    pack = _draft(draft.text)
    for one in page:
        tally.totals["replayed"] += 1
        tally.categories[one.category, "replayed"] += 1
        line = _replayed(pack, draft, one, tally)
        if line is not None:
            lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return Page(b"".join(lines), tally)


def _replayed(pack: Pack, draft: Draft, one: Stored, tally: Tally) -> dict[str, Any] | None:
    if not pack.is_leaf(one.category):
        return _not_judged(one, "category_gone", [], tally)
    shapes = pack.names.shapes
    rows = [row for row in orjson.loads(one.facts) if row["name"] in shapes]
    stored = {row["name"]: row["value"] for row in rows}
    facts, decisions = _with_decisions(pack, one, rows) if one.decided else (stored, [])
    alike = _alike(draft.earlier.get(one.pack_version), draft.text, one.category)
    refused = _refused(pack, one.category, facts, alike)
    if refused:
        return _not_judged(one, "facts_refused", refused, tally)
    before: dict[str, str] = orjson.loads(one.outcomes)
    # where decisions enter the question otherwise, the facts are others too
    kept = {rule for rule in alike.rules if before.get(rule) in _SETTLED and facts == stored}
    asked = [rule.id for rule in pack.rules_for(one.category) if rule.id not in kept]
    found = evaluate(
        pack,
        category=one.category,
        stage=one.stage,
        as_of=one.as_of,
        facts=facts,
        unavailable=orjson.loads(one.unavailable),
        decisions=decisions,
        lang=draft.lang,
        only=frozenset(asked),
    )
    return _compared(pack, one, before, found, tally, kept)


def _refused(pack: Pack, category: str, facts: dict[str, Any], alike: _Alike) -> list[str]:
    """Facts whose values the draft does not take; they were checked when they were stored."""
    if alike.refitted is not None and alike.refitted.isdisjoint(facts):
        return []
    return sorted({problem.pointer.split("/")[1] for problem in check_facts(pack, category, facts)})


def _with_decisions(
    pack: Pack, one: Stored, rows: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], list[Decision]]:
    """Facts and outcomes as `judge` would take them in. What earlier decisions stated is taken out first: in
    the draft it may be a word on an exception, or the other way round."""
    stated = [
        Fact(row["name"], row["value"], at=datetime.fromisoformat(row["at"]) if row.get("at") else None)
        for row in rows
        if row.get("source") != BY_DECISION
    ]
    taken = take_in(pack, one.category, stated, one.decided)
    return {fact.name: fact.value for fact in taken.facts if fact.name in pack.names.shapes}, taken.outcomes


def _not_judged(one: Stored, reason: str, facts: list[str], tally: Tally) -> dict[str, Any]:
    tally.totals["not_judged"] += 1
    tally.categories[one.category, "not_judged"] += 1
    return {"type": "not_judged", **_ids(one), "reason": reason, "facts": facts}


def _compared(
    pack: Pack, one: Stored, before: dict[str, str], found: Evaluation, tally: Tally, kept: Iterable[str]
) -> dict[str, Any] | None:
    verdict, decision = str(found.eligible), decide(pack, Stage(one.stage), found).decision
    tally.verdicts[one.eligible, verdict] += 1
    tally.decisions[one.decision, decision] += 1
    changed = [finding for finding in found.findings if before.get(finding.rule) != finding.outcome]
    gone = before.keys() - {finding.rule for finding in found.findings} - set(kept)
    _count(changed, gone, before, tally)
    if (one.eligible, one.decision) == (verdict, decision):
        tally.totals["touched"] += bool(changed or gone)
        return None
    tally.totals["changed"] += 1
    tally.categories[one.category, "changed"] += 1
    return {
        "type": "changed",
        **_ids(one),
        "stage": one.stage,
        "eligible": {"before": one.eligible, "after": verdict},
        "decision": {"before": one.decision, "after": decision},
        "rules": [_change(finding, before) for finding in changed]
        + [_gone(rule, before[rule]) for rule in sorted(gone)],
    }


def _count(changed: Sequence[Finding], gone: Iterable[str], before: dict[str, str], tally: Tally) -> None:
    for finding in changed:
        tally.rules[finding.rule, before.get(finding.rule), str(finding.outcome)] += 1
    for rule in gone:
        tally.rules[rule, before[rule], None] += 1
    opened = (one for one in changed if one.outcome in {Outcome.unknown, Outcome.manual})
    tally.missing.update({name for one in opened for name in one.missing})


def _ids(one: Stored) -> dict[str, str]:
    return {"assessment_id": one.id, "application_id": one.application_id, "category": one.category}


def _change(finding: Finding, before: dict[str, str]) -> dict[str, Any]:
    clause = finding.clause
    return {
        "rule": finding.rule,
        "before": before.get(finding.rule),
        "after": str(finding.outcome),
        "clause": {
            "id": clause.id,
            "document": clause.document,
            "section": clause.section,
            "lines": clause.lines,
        },
        "remedy": finding.remedy,
        "gap": finding.gap,
    }


def _gone(rule: str, before: str) -> dict[str, Any]:
    return {"rule": rule, "before": before, "after": None, "clause": None, "remedy": None, "gap": None}
