"""Shapes of calls."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from intake.calls.states import Kind, WindowSource


class AnnouncementOut(BaseModel):
    """What the bureau announced of a call: it opens or closes `at`, for this reason. The latest of a kind
    counts."""

    kind: Kind
    at: AwareDatetime
    reason: str
    announced_at: AwareDatetime


class CallOut(BaseModel):
    """One year's call. `state`: published (not open yet), open or closed, by the business clock.

    An end of the window that the guide does not state is null until the bureau announces it. Without an
    opening a call stays `published`; without a close it stays open.
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
    window_source: WindowSource
    announcements: list[AnnouncementOut]


class Calls(BaseModel):
    """Calls by id."""

    items: list[CallOut]


class CallIds(BaseModel):
    """Ids of calls (guides)."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field(max_length=200)


class AnnounceIn(BaseModel):
    """When the call opens or closes; null: now. The reason is published."""

    model_config = ConfigDict(extra="forbid")

    at: AwareDatetime | None = None
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
