"""Until when a list that was read in was the whole register, so that what is not entered is a "no".

Revision ID: 0005
Revises: 0004
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("register_imports", sa.Column("whole_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("register_imports", "whole_until")
