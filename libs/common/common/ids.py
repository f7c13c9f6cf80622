"""Identifiers: UUID version 7, made here and never by the database."""

import uuid
from typing import Any

import uuid_utils.compat


def new_id() -> uuid.UUID:
    """A fresh UUIDv7 (RFC 9562): sortable by creation time to the millisecond."""
    return uuid_utils.compat.uuid7()


def derived_id(namespace: uuid.UUID, name: str) -> uuid.UUID:
    """The same id for the same namespace and name: makes a repeated step find its first result (UUIDv5)."""
    return uuid.uuid5(namespace, name)


def as_text(value: Any) -> str:
    """`default` for orjson: ids read through asyncpg are of a subclass of UUID, which orjson refuses.

    Raises:
        TypeError: no id.
    """
    if isinstance(value, uuid.UUID):
        return str(value)
    raise TypeError(type(value).__name__)
