"""Findings as they are answered and stored (design: "Eligibility answers")."""

from typing import Any, Literal

from pydantic import BaseModel

Outcome = Literal["pass", "fail", "unknown", "manual", "not_applicable"]
Eligible = Literal["eligible", "not_eligible", "pending"]


class ClauseOut(BaseModel):
    """The place in the guide, paraphrased in our own words."""

    id: str
    document: str
    section: str
    lines: str
    text_zh: str
    text_en: str


class FactUsedOut(BaseModel):
    """A fact that decided; `source` is `unavailable` where its owner did not answer."""

    name: str
    value: Any
    source: str
    at: str | None


class ReadingOut(BaseModel):
    """An interpretation that the outcome turned on, and the outcome under each of its readings."""

    id: str
    mode: str
    value: str | None
    confirmed: bool
    readings: dict[str, str]


class GapOut(BaseModel):
    """The distance to a pass: an integer, or decimal text where the fact is a decimal."""

    fact: str
    value: int | str
    unit: str


class CitedDecisionOut(BaseModel):
    """A person's recorded decision that this finding rests on."""

    id: str | None = None
    outcome: Outcome | None = None
    facts: dict[str, Any] | None = None
    reason: str
    evidence: list[str] = []
    by: str
    at: str


class FindingOut(BaseModel):
    """What one rule says, with its clause, and the remedy where it fails."""

    rule: str
    outcome: Outcome
    effect: str
    strength: str
    due: str
    part_of: str | None
    clause: ClauseOut
    message: str
    remedy: str | None
    gap: GapOut | None
    facts_used: list[FactUsedOut]
    missing: list[str]
    interpretation: ReadingOut | None
    interpretations: list[ReadingOut]
    decision: CitedDecisionOut | None = None


class StageDecisionOut(BaseModel):
    """What the stage table makes of the findings; `rules` decided, `freeze` make equal projects wait."""

    decision: Literal["admit", "admit_pending", "refuse"]
    rules: list[str]
    missing: list[str]
    freeze: list[str]
