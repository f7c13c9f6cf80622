"""What recommendations take and answer."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from intake.applications.schemas import ApplicationOut


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RecommendIn(_In):
    """Nothing needs to be said."""


class WithdrawIn(_In):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class SettleIn(_In):
    """Nothing needs to be said."""


class RecommendationOut(BaseModel):
    """One try to recommend. `hold` is quota's answer while the place was taken."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    application_id: UUID
    state: Literal["opening", "recommended", "refused", "void", "withdrawn"]
    row: str | None
    hold: dict[str, Any] | None
    assessment_id: UUID
    reason: str | None
    received_at: AwareDatetime
    created_at: AwareDatetime
    closed_at: AwareDatetime | None


class RecommendOut(BaseModel):
    """What came of it; `findings` are those that the decision stands on."""

    recommendation: RecommendationOut
    application: ApplicationOut
    findings: list[dict[str, Any]]


class RecommendationsOut(BaseModel):
    items: list[RecommendationOut]


class IdsIn(_In):
    ids: Annotated[list[UUID], Field(max_length=200)]


class SettleOut(BaseModel):
    """The hold's subject stands, or is void for good."""

    outcome: Literal["committed", "void"]
