"""What reviews take and answer."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from intake.applications.schemas import ApplicationOut

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class InitialReviewIn(_In):
    """`reason` is needed for returned and rejected; `clause` is a clause id of the guide."""

    decision: Literal["approved", "returned", "rejected"]
    reason: Reason | None = None
    clause: Annotated[str, StringConstraints(max_length=64)] | None = None


class AcceptIn(_In):
    """The office looked at the sealed recommendation form; null where the call knows no recommendation."""

    sealed: bool | None = None


class DecisionIn(_In):
    """A person's judgement on a rule: reviewer's facts, or an outcome, or both; always with a reason."""

    facts: dict[str, Any] | None = None
    outcome: Literal["pass", "fail"] | None = None
    reason: Reason
    evidence: Annotated[list[str], Field(max_length=50)] = []


class FormalReviewIn(_In):
    decision: Literal["pass", "fail"]
    reason: Reason | None = None


class FormalReviewOut(BaseModel):
    """The application after the decision, and the findings that it stands on."""

    application: ApplicationOut
    rules: list[str]
    assessment_id: UUID
    findings: list[dict[str, Any]]


class DecisionOut(BaseModel):
    """What eligibility recorded."""

    id: UUID
    application_id: UUID
    rule: str


class ReassessIn(_In):
    """Why another assessment is taken; it is kept with the assessment."""

    reason: Reason


class ReassessedOut(BaseModel):
    """The assessment that was taken, and the application, which is as it was."""

    application: ApplicationOut
    assessment_id: UUID
    stage: str
    eligible: str
    findings: list[dict[str, Any]]


class AssignIn(_In):
    expert_ids: Annotated[list[UUID], Field(min_length=1, max_length=20)]


class ConflictIn(_In):
    reason: Reason


class ScoreIn(_In):
    """A whole number from 0 to 100, and why."""

    score: Annotated[int, Field(strict=True, ge=0, le=100)]
    comment: Reason


class AssignmentOut(BaseModel):
    """One expert's task."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    application_id: UUID
    expert_id: UUID
    state: Literal["assigned", "conflicted", "scored"]
    score: int | None
    comment: str | None
    conflict_reason: str | None
    assigned_at: AwareDatetime
    scored_at: AwareDatetime | None


class AssignmentsOut(BaseModel):
    assignments: list[AssignmentOut]


class AssignmentItems(BaseModel):
    items: list[AssignmentOut]


class IdsIn(_In):
    ids: Annotated[list[UUID], Field(max_length=200)]


class AssignmentSearch(_In):
    """By application; or, for an expert, one's own. An expert sees only the own ones in any case."""

    application_ids: Annotated[list[UUID], Field(max_length=200)] | None = None
    mine: bool = False
