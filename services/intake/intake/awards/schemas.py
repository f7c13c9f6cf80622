"""What approvals take and answer."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from intake.applications.schemas import ApplicationOut


class ApproveIn(BaseModel):
    """`grant` in whole yuan; null where the guide fixes none yet."""

    model_config = ConfigDict(extra="forbid")

    grant: Annotated[int, Field(strict=True, ge=0, le=10**12)] | None = None


class AwardOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    city: str
    application_id: UUID
    guide: str
    category: str
    number: str
    grant: int | None
    approved_at: AwareDatetime


class ApprovedOut(BaseModel):
    """`seq`: the award's number in the city's feed."""

    application: ApplicationOut
    award: AwardOut
    seq: int


class IdsIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[UUID], Field(max_length=200)]


class AwardsOut(BaseModel):
    items: list[AwardOut]
