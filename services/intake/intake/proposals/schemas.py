"""What proposals take and answer."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class ProposalIn(BaseModel):
    """A set of applications of one call, all under expert review."""

    model_config = ConfigDict(extra="forbid")

    guide: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    application_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]
    note: Note | None = None


class NotSelectIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Note


class EntryOut(BaseModel):
    """One application of the set. `place`: its rank by mean score in its category within the set."""

    model_config = ConfigDict(from_attributes=True)

    application_id: UUID
    category: str
    place: int
    score_sum: int
    score_count: int


class ProposalOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    city: str
    guide: str
    note: str | None
    created_by: str
    created_at: AwareDatetime
    application_ids: list[UUID]
    ranking: list[EntryOut]


class ProposalsOut(BaseModel):
    items: list[ProposalOut]


class IdsIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[UUID], Field(max_length=200)]
