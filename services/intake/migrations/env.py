"""Alembic environment of intake."""

import intake.app  # noqa: F401  # registers every table
from common.migrations import run
from intake.base import Base

run(Base.metadata)
