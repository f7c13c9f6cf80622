"""Bodies and answers of decisions."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from eligibility.fields import Body, City, Instant, JsonValue, LongText, ShortText


def _or_none(facts: dict[str, Any]) -> dict[str, Any] | None:
    return facts or None


class DecisionIn(Body):
    """A person's decision: `facts` for a rule that reads reviewer's facts, `outcome` for any other."""

    id: UUID
    application_id: UUID
    city: City
    rule: ShortText
    facts: Annotated[dict[str, JsonValue], Field(max_length=20), AfterValidator(_or_none)] | None = None
    outcome: Literal["pass", "fail"] | None = None
    reason: LongText
    evidence: Annotated[list[ShortText], Field(max_length=50, default_factory=list)]
    decided_by: ShortText
    decided_at: Instant


class DecisionOut(BaseModel):
    """A recorded decision; `assessment_id` is the assessment whose finding it was taken on."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    application_id: UUID
    city: str
    assessment_id: UUID
    rule: str
    facts: dict[str, Any] | None
    outcome: str | None
    reason: str
    evidence: list[str]
    decided_by: str
    decided_at: datetime
    recorded_at: datetime


class DecisionsOut(BaseModel):
    """Decisions found, oldest first."""

    items: list[DecisionOut]
