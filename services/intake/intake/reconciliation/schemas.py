"""What the comparison of the owners reads of intake: ids, hashes and words of state, nothing else."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Nothing(BaseModel):
    """Nothing needs to be said."""

    model_config = ConfigDict(extra="forbid")


class Position(BaseModel):
    """Where a page ended."""

    id: UUID


class RecommendationLine(BaseModel):
    """One recommendation and its place.

    `due`: quota must hold it. `kept`: withdrawn after the close, the place stays taken. `undecided`: the
    recommendation is being decided. `none`: nothing may be held for it.
    """

    id: UUID
    application_id: UUID
    pool_key: str | None
    place: Literal["due", "kept", "undecided", "none"]


class AttemptLine(BaseModel):
    """One attempt to submit; `bundle_id` null: documents has not sealed for it, or was not heard."""

    id: UUID
    application_id: UUID
    open: bool
    bundle_id: UUID | None
    manifest_sha256: str | None


class ApplicationLine(BaseModel):
    """One application with every assessment that a decision about it stands on."""

    id: UUID
    assessments: list[UUID]


class GuideLine(BaseModel):
    """A version that is in force, was, or is pinned by an application.

    `limits`: places by pool key, of the current version; null for the others.
    """

    guide: str
    version: str
    current: bool
    limits: dict[str, int] | None


class GuideLines(BaseModel):
    items: list[GuideLine]


class CitiesOut(BaseModel):
    """Cities that have a guide here."""

    cities: list[str]


class FeedFault(BaseModel):
    """Something about the feed that does not hold: at a number, about an award or an entity."""

    what: Literal[
        "gap", "digest", "chain", "head", "award_not_published", "award_differs", "entity_without_award"
    ]
    seq: int | None = None
    id: UUID | None = None


class FeedOut(BaseModel):
    """The feed of one city compared with itself and with the awards."""

    city: str
    published: int
    awards: int
    faults: list[FeedFault] = Field(description="the first 1000")


class Retaken(BaseModel):
    """What came of taking a lost place again."""

    outcome: Literal["held", "exhausted", "void", "unknown_row"]


class Restaged(BaseModel):
    """`activated`: the version is the current one, and its readers were told so."""

    guide: str
    version: str
    activated: bool


class AwardPublished(BaseModel):
    """`seq` of the award's newest item; `added`: it was written now."""

    seq: int
    added: bool
