"""What notices and objections take and answer."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NoticeIn(_In):
    """A notice over proposed applications of one call."""

    guide: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    application_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    where_zh: Text


class NoticeProjectOut(BaseModel):
    """One line of the notice: what the public is told about a project."""

    model_config = ConfigDict(from_attributes=True)

    application_id: UUID
    title: str
    category: str
    unit_name: str
    leader_name: str | None


class NoticeOut(BaseModel):
    """A public notice. `state` by the business clock: scheduled, open or ended."""

    id: UUID
    city: str
    guide: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    where_zh: str
    state: Literal["scheduled", "open", "ended"]
    application_ids: list[UUID]
    projects: list[NoticeProjectOut]


class NoticesOut(BaseModel):
    items: list[NoticeOut]


class IdsIn(_In):
    ids: Annotated[list[UUID], Field(max_length=200)]


class ObjectionIn(_In):
    application_id: UUID
    text: Text


class ObjectionOut(BaseModel):
    """An objection. `reason` is the decision's."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    notice_id: UUID
    application_id: UUID
    state: Literal["open", "upheld", "rejected"]
    text: str
    filed_at: AwareDatetime
    reason: str | None
    decided_at: AwareDatetime | None


class ObjectionsOut(BaseModel):
    items: list[ObjectionOut]


class ObjectionDecisionIn(_In):
    decision: Literal["upheld", "rejected"]
    reason: Text


class ObjectionSearch(_In):
    """Conditions left out do not narrow. Who is not of the bureau finds the own objections only."""

    notice_ids: Annotated[list[UUID], Field(max_length=200)] | None = None
    application_ids: Annotated[list[UUID], Field(max_length=200)] | None = None
    state: Literal["open", "upheld", "rejected"] | None = None
