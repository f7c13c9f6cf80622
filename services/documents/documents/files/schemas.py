"""Shapes of files."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field


class FileOut(BaseModel):
    """One version of a document. `size` in bytes; `created_at` when the whole content was there.

    `text` says whether its text has been read: pending, done or unreadable; null straight after the upload.
    """

    id: UUID
    application_id: UUID
    material: str
    bundle: str
    name: str
    version: int
    size: int
    sha256: str
    content_type: str
    status: Literal["stored"] = "stored"
    text: str | None = None
    created_at: AwareDatetime
    attributes: dict[str, Any]


class IdsIn(BaseModel):
    ids: Annotated[list[UUID], Field(max_length=200)]


class FilesOut(BaseModel):
    items: list[FileOut]


class ApplicationFiles(BaseModel):
    """All versions of all files of an application, oldest first."""

    application_id: UUID
    files: list[FileOut]


class ApplicationFilesOut(BaseModel):
    items: list[ApplicationFiles]
