"""Bodies and answers of assessments."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from eligibility.fields import AsOf, Body, City, Instant, JsonValue, LongText, ShortText
from eligibility.guides.schemas import Version
from eligibility.judging.schemas import Eligible, FindingOut, StageDecisionOut
from eligibility.registers.kinds.base import Subjects
from guide import Lang, Stage

FactName = Annotated[str, Field(max_length=120, pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]


class FactIn(Body):
    """One fact as its owner states it: its value, who says so, when it was so, and the owner's revision."""

    name: FactName
    value: JsonValue
    source: ShortText
    at: Instant | None = None
    revision: int | ShortText | None = None


class Again(Body):
    """Why an assessment was taken outside of a step, and who asked for it."""

    reason: LongText
    by: ShortText


class AssessmentIn(Body):
    """What intake pushes. Facts that registers own are looked up here and ignored where they are sent."""

    id: UUID
    application_id: UUID
    city: City
    guide: ShortText
    pack_version: Version
    category: ShortText
    stage: Stage
    as_of: AsOf
    facts: Annotated[list[FactIn], Field(max_length=1000)]
    unavailable: Annotated[list[ShortText], Field(max_length=200, default_factory=list)]
    subjects: Subjects = Subjects()
    lang: Lang = Lang.zh
    again: Again | None = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [fact.name for fact in self.facts]
        if len(names) > len(set(names)):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise PydanticCustomError("fact_twice", "stated twice: {names}", {"names": ", ".join(twice)})
        return self


class AssessmentOut(BaseModel):
    """A stored assessment. `ignored` names facts that were sent but not used."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    application_id: UUID
    city: str
    guide: str
    pack_version: str
    category: str
    stage: Stage
    as_of: datetime
    eligible: Eligible
    findings: list[FindingOut]
    decision: StageDecisionOut
    unavailable: list[str]
    ignored: list[str]
    created_at: datetime
    again: Again | None


class AssessmentsOut(BaseModel):
    """Assessments found, oldest first; ids that are unknown or not to be seen are left out."""

    items: list[AssessmentOut]
