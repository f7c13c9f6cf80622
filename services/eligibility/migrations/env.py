"""Alembic's environment: all the work is common's."""

import eligibility.app  # noqa: F401  registers the tables
from common.migrations import run
from eligibility.base import Base

run(Base.metadata)
