"""Digests of feed items and the chain over them.

The digest of an item is the SHA-256 of its RFC 8785 form with the member `salt` added; the chain hash is the
SHA-256 of the hash before it and the digest. The chain runs over digests only, so that a filter or a later
redaction breaks nothing, and the salt keeps a digest from betraying what it covers.
"""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

import orjson

FEED = "approved-projects"


def genesis(city: str) -> str:
    """Chain hash before the first item of a city, hex."""
    return hashlib.sha256(f"{FEED}/{city}".encode()).hexdigest()


def canonical(content: dict[str, Any]) -> bytes:
    """RFC 8785 form of what the feed holds: ASCII keys, strings, whole numbers, booleans, null."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def new_salt() -> str:
    """128 random bits, hex."""
    return secrets.token_hex(16)


def digest(content: dict[str, Any], salt: str) -> str:
    """Digest of an item's content, hex."""
    return hashlib.sha256(canonical({**content, "salt": salt})).hexdigest()


def link(before: str, item_digest: str) -> str:
    """Chain hash after an item, hex."""
    return hashlib.sha256(bytes.fromhex(before) + bytes.fromhex(item_digest)).hexdigest()


def instant_text(at: datetime) -> str:
    """An instant as the feed writes it: RFC 3339, UTC, `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
