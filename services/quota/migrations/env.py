"""Alembic's entry; `common.migrations` does the work."""

import quota.app  # noqa: F401 registers every table
from common.migrations import run
from quota.base import Base

run(Base.metadata)
