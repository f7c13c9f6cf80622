"""Outcomes of an assessment by rule, beside its findings: a replay compares a hundred thousand of them, and a
finding is a thousand bytes. And the order in which a city's assessments of one guide are paged.

Revision ID: 0004
Revises: 0003
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_INDEX, _TABLE = "ix_assessments_city_guide_id", "assessments"


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("outcomes", postgresql.JSONB(none_as_null=True), nullable=True))
    op.create_index(_INDEX, _TABLE, ["city", "guide", "id"])


def downgrade() -> None:
    op.drop_index(_INDEX, table_name=_TABLE)
    op.drop_column(_TABLE, "outcomes")
