"""Findings: what a rule said, with its clause, message, remedy and the facts it used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guide.case import Reading
from guide.model.call import Clause
from guide.words import Effect, Eligible, Outcome, Stage, Strength


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the value of a fact comes from; `at` is when it was so."""

    source: str
    at: datetime | str | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's recorded decision on a rule that came out manual."""

    rule: str
    outcome: Outcome | str
    reason: str
    by: str
    at: datetime | str

    def as_dict(self) -> dict[str, Any]:
        return {
            "outcome": str(self.outcome),
            "reason": self.reason,
            "by": self.by,
            "at": instant_text(self.at),
        }


@dataclass(frozen=True, slots=True)
class FactUsed:
    name: str
    value: Any
    source: str
    at: str | None

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "value": self.value, "source": self.source, "at": self.at}


@dataclass(frozen=True, slots=True)
class Finding:
    rule: str
    outcome: Outcome
    effect: Effect
    strength: Strength
    due: Stage
    part_of: str | None
    clause: Clause
    message: str
    remedy: str | None
    gap: dict[str, Any] | None
    facts_used: tuple[FactUsed, ...]
    missing: tuple[str, ...]
    readings: tuple[Reading, ...]
    decision: Decision | None = None
    freezes: bool = False

    @property
    def interpretation(self) -> Reading | None:
        """The reading that the outcome turned on: an unsettled one before a settled one."""
        unsettled = [reading for reading in self.readings if reading.value is None]
        return next(iter(unsettled or self.readings), None)

    @property
    def unavailable(self) -> tuple[str, ...]:
        return tuple(fact.name for fact in self.facts_used if fact.source == "unavailable")

    def as_dict(self) -> dict[str, Any]:
        """JSON form; `gap`, `interpretations` and `decision` stand beside the published keys."""
        reading = self.interpretation
        result = {
            "rule": self.rule,
            "outcome": str(self.outcome),
            "effect": str(self.effect),
            "strength": str(self.strength),
            "due": str(self.due),
            "part_of": self.part_of,
            "clause": {
                "id": self.clause.id,
                "document": self.clause.document,
                "section": self.clause.section,
                "lines": self.clause.lines,
                "text_zh": self.clause.text_zh,
                "text_en": self.clause.text_en,
            },
            "message": self.message,
            "remedy": self.remedy,
            "gap": self.gap,
            "facts_used": [fact.as_dict() for fact in self.facts_used],
            "missing": list(self.missing),
            "interpretation": reading.as_dict() if reading else None,
            "interpretations": [one.as_dict() for one in self.readings],
        }
        if self.decision is not None:
            result["decision"] = self.decision.as_dict()
        return result


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answer to one question; findings in the order of the pack."""

    eligible: Eligible
    findings: tuple[Finding, ...]
    pack_version: str
    stage: Stage

    def finding(self, rule: str) -> Finding:
        """The finding of a rule; KeyError if the category does not have it."""
        for finding in self.findings:
            if finding.rule == rule:
                return finding
        raise KeyError(rule)

    def as_dict(self) -> dict[str, Any]:
        return {
            "eligible": str(self.eligible),
            "findings": [finding.as_dict() for finding in self.findings],
            "pack_version": self.pack_version,
        }


def instant_text(value: datetime | str | None) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else value
