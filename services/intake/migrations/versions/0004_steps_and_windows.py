"""steps of the life that an application goes through; what a bureau announces of a call's window"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_MAIN_LINE = "{submission,initial_review,recommendation,expert_review,public_notice}"


def upgrade() -> None:
    op.add_column(
        "applications",
        sa.Column("steps", postgresql.ARRAY(sa.String(length=32)), server_default=_MAIN_LINE, nullable=False),
    )
    op.alter_column("office_acceptances", "sealed", existing_type=sa.Boolean(), nullable=True)
    op.create_table(
        "call_announcements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("guide", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("announced_by", sa.String(length=255), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.CheckConstraint("kind IN ('open', 'close')", name=op.f("ck_call_announcements_kind")),
        sa.ForeignKeyConstraint(["guide"], ["guides.id"], name=op.f("fk_call_announcements_guide_guides")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_announcements")),
    )
    op.create_index(op.f("ix_call_announcements_city"), "call_announcements", ["city"], unique=False)
    op.create_index(op.f("ix_call_announcements_guide"), "call_announcements", ["guide"], unique=False)


def downgrade() -> None:
    op.drop_table("call_announcements")
    op.execute("UPDATE office_acceptances SET sealed = true WHERE sealed IS NULL")
    op.alter_column("office_acceptances", "sealed", existing_type=sa.Boolean(), nullable=False)
    op.drop_column("applications", "steps")
