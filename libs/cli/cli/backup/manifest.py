"""The manifest: what a backup holds, hash by hash, signed with the operator's key.

It is written last, so a folder without one is no backup.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import BaseModel, ConfigDict, ValidationError

from cli.errors import Refusal

FORMAT = 1
FILE = "manifest.json"
SIGNATURE = "manifest.jws"
FILES = "files"
LISTING = "files.txt"
_ALGORITHM = "Ed25519"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dump(_Part):
    """One service's dump and the moment that it shows.

    `at` is machine time; `server` the major version of the server, `tool` of pg_dump; `rows` by
    `schema.table`; `notes`: heads of the feed and guides in force.
    """

    file: str
    sha256: str
    bytes: int
    at: datetime
    snapshot: str
    lsn: str
    server: int
    tool: int
    revision: str
    rows: dict[str, int]
    notes: dict[str, list[dict[str, Any]]]


class Files(_Part):
    """The copied file store; `sha256` is of the listing, which has one of each file."""

    sha256: str
    count: int
    bytes: int


class Manifest(_Part):
    """`taken_at` is machine time, `business_at` the business clock; `dumps` in the order of taking."""

    format: int
    product: str
    taken_at: datetime
    business_at: datetime
    dumps: dict[str, Dump]
    files: Files


def write(folder: Path, manifest: Manifest, key: OKPKey | None) -> None:
    """Write the manifest and its signature."""
    content = manifest.model_dump_json(indent=2).encode()
    if key is not None:
        signed = jws.serialize_compact(
            {"alg": _ALGORITHM, "kid": key.kid or "operator"},
            hashlib.sha256(content).hexdigest().encode(),
            key,
            algorithms=[_ALGORITHM],
        )
        (folder / SIGNATURE).write_text(signed)
    (folder / FILE).write_bytes(content)


def read(folder: Path) -> tuple[Manifest, str]:
    """The manifest of a backup, and its SHA-256, by which the backup is named.

    Raises:
        Refusal: there is none, it is damaged, or of a newer format.
    """
    try:
        content = (folder / FILE).read_bytes()
    except OSError:
        raise Refusal(f"{folder} has no {FILE}: it is no backup, or one that was not finished.") from None
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        raise Refusal(f"{folder / FILE} is damaged: {error.errors()[0]['msg']}.") from None
    if manifest.format != FORMAT:
        raise Refusal(f"{folder} is of format {manifest.format}; this version reads {FORMAT}.")
    return manifest, hashlib.sha256(content).hexdigest()


def check_signature(folder: Path, sha256: str, key: OKPKey) -> None:
    """
    Raises:
        Refusal: the manifest is not signed with this key.
    """
    try:
        signed = jws.deserialize_compact((folder / SIGNATURE).read_text(), key, algorithms=[_ALGORITHM])
        holds = signed.payload == sha256.encode()
    except (OSError, JoseError, ValueError):
        holds = False
    if not holds:
        raise Refusal(
            f"{folder / FILE} is not signed with this operator's key. If that is as it should be (another "
            "key, another house), say --unsigned."
        )
