"""Alembic's entry; the work is done in common.migrations."""

import documents.app  # noqa: F401 - registers all models
from common.migrations import run
from documents.base import Base

run(Base.metadata)
