"""Shapes of guides as they go in and out."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class GuideIn(BaseModel):
    """A pack, word for word."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=2_000_000)


class ReviewIn(BaseModel):
    """A pack and texts of its golden cases (YAML or JSON), to be looked at and not kept."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=2_000_000)
    cases: list[Annotated[str, Field(max_length=2_000_000)]] = Field(default=[], max_length=20)


class Staged(BaseModel):
    """`validated`: checked only (dry run); `staged`: kept, not in force."""

    guide: str
    version: str
    state: str
    problems: list[str] = []


class Published(BaseModel):
    """`activated`: every other service was told; if not, a job keeps telling them."""

    guide: str
    version: str
    state: str
    activated: bool


class GuideVersionOut(BaseModel):
    """One version without its text."""

    version: str
    state: str
    created_at: AwareDatetime
    published_at: AwareDatetime | None


class GuideOut(BaseModel):
    """A guide and its versions, oldest first."""

    guide: str
    city: str
    current_version: str | None
    versions: list[GuideVersionOut]


class GuideText(BaseModel):
    """The text of one version."""

    guide: str
    version: str
    text: str
