"""What may this unit apply for."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class MatchesIn(BaseModel):
    """Of a unit, and of the person who would lead.

    `facts`: further ones to try out, nested or dotted, beside what intake and the registers know; of one name
    these count. `guides`, `cities`: only these; else all that are published.
    """

    model_config = ConfigDict(extra="forbid")

    leader_id: UUID | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
    guides: Annotated[list[str], Field(max_length=100, default_factory=list)]
    cities: Annotated[list[str], Field(max_length=100, default_factory=list)]
    open_only: bool = True
    limit: Annotated[int, Field(ge=1, le=500)] = 100
