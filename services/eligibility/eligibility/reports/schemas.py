"""The eligibility report: one document that says everything an applicant or an officer is told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class Named(BaseModel):
    """A published word or an id, with its label in the report's language."""

    code: str
    label: str


class ClauseLine(BaseModel):
    """The place in the guide; `text` is our paraphrase."""

    id: str
    document: str
    section: str
    lines: str
    text: str


class FactLine(BaseModel):
    """A fact that a finding used: the value as it was judged and as it is read, and where it comes from.

    `at` is when it was so, `revision` the owner's own count.
    """

    name: str
    label: str
    value: Any
    text: str
    source: Named
    at: datetime | None
    revision: str | int | None = None


class ReadingLine(BaseModel):
    """A reading of the wording, and what the rule says under it."""

    value: str
    text: str
    outcome: Named


class InterpretationLine(BaseModel):
    """A question that the wording leaves open. `value`: the reading used, null while none is settled."""

    id: str
    question: str
    value: str | None
    text: str | None
    confirmed: bool
    readings: list[ReadingLine]


class StatedLine(BaseModel):
    """A reviewer's fact as it was decided."""

    name: str
    label: str
    text: str


class DecisionLine(BaseModel):
    """A person's recorded decision: who, when, why, on what evidence."""

    id: str | None
    outcome: Named | None
    facts: list[StatedLine]
    reason: str
    evidence: list[str]
    by: str
    at: datetime


class GapLine(BaseModel):
    """The distance to a pass: of which fact, how much, in which unit."""

    fact: Named
    value: int | str
    unit: str


class FindingLine(BaseModel):
    """What one rule says. `facts` names the facts it used; they stand once in the report's `facts`."""

    rule: str
    title: str
    outcome: Named
    effect: Named
    strength: Named
    due: Named
    part_of: str | None
    clause: ClauseLine
    remedy: str | None
    gap: GapLine | None
    notes: list[str]
    missing: list[Named]
    unavailable: list[Named]
    interpretations: list[InterpretationLine]
    decision: DecisionLine | None
    facts: list[str]


class Group(BaseModel):
    """Findings that mean the same for whoever reads."""

    id: str
    label: str
    findings: list[FindingLine]


class ChangedFact(BaseModel):
    """A fact that differs from the earlier assessment; a text is null where the fact was not there."""

    name: str
    label: str
    before: str | None
    after: str | None
    source: Named
    at: datetime | None


class ChangeLine(BaseModel):
    """A rule whose outcome is another one than before, and the facts that differ."""

    rule: str
    title: str
    before: Named
    after: Named
    facts: list[ChangedFact]
    decided: bool


class Since(BaseModel):
    """How this assessment differs from the one before it on the same application, which stays as it is."""

    assessment_id: UUID
    stage: Named
    as_of: datetime
    eligible: Named
    changes: list[ChangeLine]


class GuideLine(BaseModel):
    """The call that the application belongs to."""

    id: str
    title: str
    year: int
    issuer: str
    city: str
    zone: str


class StageLine(BaseModel):
    """What the stage makes of the findings; `rules` decided it."""

    decision: Named
    rules: list[str]
    missing: list[Named]
    freeze: list[str]


class AgainLine(BaseModel):
    """Why the assessment was taken outside of a step, and who asked for it."""

    reason: str
    by: str


class ReportOut(BaseModel):
    """`assessment_id` and `application_id` are null for a precheck: nothing of it is stored.

    Every group is there, in order, also an empty one. Instants are in the call's zone.
    """

    lang: str
    assessment_id: UUID | None
    application_id: UUID | None
    guide: GuideLine
    category: Named
    stage: Named
    as_of: datetime
    taken_at: datetime | None
    pack_version: str
    eligible: Named
    stage_decision: StageLine
    groups: list[Group]
    facts: list[FactLine]
    unavailable: list[Named]
    ignored: list[Named]
    again: AgainLine | None
    since: Since | None
