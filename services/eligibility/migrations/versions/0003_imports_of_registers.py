"""Files that were read into registers, and the file that each revision of an entry came from.

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "register_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("register", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("complete_as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=255), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_imports")),
    )
    op.create_index(op.f("ix_register_imports_city"), "register_imports", ["city"], unique=False)
    op.create_index(
        "ix_register_imports_city_register_complete_as_of",
        "register_imports",
        ["city", "register", "complete_as_of"],
        unique=False,
    )
    op.add_column("register_entries", sa.Column("import_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_register_entries_city_register_entry_id",
        "register_entries",
        ["city", "register", "entry_id"],
        unique=False,
    )
    op.create_index("ix_register_entries_import_id", "register_entries", ["import_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_register_entries_import_id", table_name="register_entries")
    op.drop_index("ix_register_entries_city_register_entry_id", table_name="register_entries")
    op.drop_column("register_entries", "import_id")
    op.drop_table("register_imports")
