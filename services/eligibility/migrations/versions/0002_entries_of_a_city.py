"""Ids of register entries are unique in their city: one city must not hear that another has taken an id.

The constraint keeps its name, by which code before and after this revision knows it.

Revision ID: 0002
Revises: 0001
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
narrows = {"register_entries.uq_register_entries_entry_id_revision": "wider by the city, its name is kept"}

_TABLE, _NAME = "register_entries", "uq_register_entries_entry_id_revision"


def upgrade() -> None:
    op.drop_constraint(_NAME, _TABLE, type_="unique")
    op.create_unique_constraint(_NAME, _TABLE, ["city", "entry_id", "revision"])


def downgrade() -> None:
    op.drop_constraint(_NAME, _TABLE, type_="unique")
    op.create_unique_constraint(_NAME, _TABLE, ["entry_id", "revision"])
