"""Shapes of calls."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class CallOut(BaseModel):
    """One year's call. `state`: published (not open yet), open or closed, by the business clock.

    A null end of the window means that the guide is silent; such a call is open.
    """

    id: str
    city: str
    title_zh: str
    title_en: str
    year: int
    issuer: str
    open_at: AwareDatetime | None
    close_at: AwareDatetime | None
    close_inclusive: bool
    state: str
    version: str


class Calls(BaseModel):
    """Calls by id."""

    items: list[CallOut]


class CallIds(BaseModel):
    """Ids of calls (guides)."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field(max_length=200)
