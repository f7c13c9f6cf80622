"""What the comparison of the owners reads of eligibility."""

from uuid import UUID

from pydantic import BaseModel


class AssessmentLine(BaseModel):
    """An assessment that is here, and of which application it is."""

    id: UUID
    application_id: UUID


class AssessmentLines(BaseModel):
    """Those of the ids that are here."""

    items: list[AssessmentLine]


class GuideLine(BaseModel):
    """A staged version."""

    guide: str
    version: str
    active: bool


class GuideLines(BaseModel):
    items: list[GuideLine]
