"""Shapes of sealed bundles."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from documents.facts.schemas import FactsIn, FactsOut
from documents.tickets import BundleKind


class BundleIn(FactsIn):
    """`id` is the submission attempt's."""

    id: UUID


class ManifestFile(BaseModel):
    """One file version as sealed."""

    file_id: UUID
    material: str
    bundle: BundleKind
    name: str
    version: int
    size: int
    sha256: str
    created_at: AwareDatetime


class Manifest(BaseModel):
    """The sealed content; its canonical JSON is what the hash is of."""

    id: UUID
    application_id: UUID
    city: str
    guide: str
    version: str
    category: str
    as_of: AwareDatetime
    files: list[ManifestFile]


class BundleOut(BaseModel):
    """A sealed bundle. `manifest` is the exact text that `manifest_sha256` is of; null for experts."""

    id: UUID
    application_id: UUID
    guide: str
    version: str
    category: str
    as_of: AwareDatetime
    sealed_at: AwareDatetime
    manifest_sha256: str
    manifest: str | None
    files: list[ManifestFile]


class SealedOut(BundleOut, FactsOut):
    """A sealed bundle, and what its files say now (texts may still have been pending before)."""


class BundlesOut(BaseModel):
    items: list[BundleOut]
