"""Shapes of facts and checklists."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from documents.tickets import BundleKind
from guide import Stage


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:  # the first hours of year 1, east of Greenwich
        raise ValueError("there is no such instant") from error


City = Annotated[str, Field(pattern=r"^\d{6}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Utc = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Text = Annotated[str, Field(min_length=1, max_length=255)]


class FactsIn(BaseModel):
    """One application's files under one version of its guide, as of a business instant.

    `names`: names of the unit and the team that blind files must not show. `facts`: the application's other
    facts, dotted or nested; conditions of materials are judged by them. `stage`: which materials are due.
    """

    application_id: UUID
    city: City
    guide: Text
    version: Text
    category: Text
    as_of: Utc
    names: Annotated[list[Name], Field(max_length=500)] = []
    facts: dict[str, Any] = {}
    stage: Stage = Stage.submission


class FactOut(BaseModel):
    """`at`: business instant since which it holds."""

    name: str
    value: Any
    source: Literal["documents"] = "documents"
    at: AwareDatetime


class ChecklistItem(BaseModel):
    """One material of the category. `required`: at this stage, with its condition (null: not known yet)."""

    material: str
    name_zh: str
    name_en: str
    bundle: BundleKind
    supplier: str
    when: str
    form: str
    required: bool
    condition_holds: bool | None
    status: Literal["present", "missing", "not_required"]
    files: list[UUID]


class FactsOut(BaseModel):
    """`pending`: facts left out, texts being still read. `unreadable`: blind files that have no text."""

    facts: list[FactOut]
    checklist: list[ChecklistItem]
    pending: list[str]
    unreadable: list[UUID]
