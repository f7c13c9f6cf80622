"""Declarative base of all tables of this service."""

from sqlalchemy.orm import DeclarativeBase

from common.db import new_metadata


class Base(DeclarativeBase):
    """Tables of the schema `intake`; audit and idempotency tables come with the metadata."""

    metadata = new_metadata()
