"""What the comparison of the owners reads of documents: ids, hashes and words of state."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field


class Position(BaseModel):
    """Where a page ended."""

    id: UUID


class BundleLine(BaseModel):
    """A sealed bundle. `whole`: the manifest has its hash, and a row stands for each file that it names."""

    id: UUID
    application_id: UUID
    manifest_sha256: str
    whole: bool


class FileLine(BaseModel):
    """A stored file and its object: `altered` has another size, or other content where that was read."""

    id: UUID
    application_id: UUID
    object: Literal["whole", "missing", "altered"]


class Objects(BaseModel):
    """Objects that no row names: uploads that are running or were cut off, or files whose rows are lost."""

    count: int
    without_row: int
    file_ids: list[UUID] = Field(description="the file ids in their keys; the first 1000")


class GuideLine(BaseModel):
    """A staged version."""

    guide: str
    version: str


class GuideLines(BaseModel):
    items: list[GuideLine]
