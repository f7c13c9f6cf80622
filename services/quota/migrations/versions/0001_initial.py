"""initial"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "active_allocations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("guide", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_active_allocations")),
        sa.UniqueConstraint("city", "guide", name=op.f("uq_active_allocations_city_guide")),
    )
    op.create_index(op.f("ix_active_allocations_city"), "active_allocations", ["city"], unique=False)
    op.create_table(
        "allocations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("guide", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("blocks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocations")),
        sa.UniqueConstraint("city", "guide", "version", name=op.f("uq_allocations_city_guide_version")),
    )
    op.create_index(op.f("ix_allocations_city"), "allocations", ["city"], unique=False)
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=100), nullable=False),
        sa.Column("object_type", sa.String(length=64), nullable=False),
        sa.Column("object_id", sa.String(length=255), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("trace_id", sa.String(length=32), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(
        "ix_audit_entries_city_application_id", "audit_entries", ["city", "application_id"], unique=False
    )
    op.create_index("ix_audit_entries_city_at", "audit_entries", ["city", "at"], unique=False)
    op.create_table(
        "holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.CheckConstraint("state IN ('held', 'confirmed', 'void')", name=op.f("ck_holds_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.UniqueConstraint("subject", name=op.f("uq_holds_subject")),
    )
    op.create_index(op.f("ix_holds_city"), "holds", ["city"], unique=False)
    op.create_index(
        "ix_holds_unsettled",
        "holds",
        ["recorded_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("route", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("actor", "route", "key", name=op.f("uq_idempotency_keys_actor_route_key")),
    )
    op.create_index(op.f("ix_idempotency_keys_started_at"), "idempotency_keys", ["started_at"], unique=False)
    op.create_table(
        "pools",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("guide", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("row_id", sa.String(length=200), nullable=False),
        sa.Column("unit_zh", sa.String(length=200), nullable=False),
        sa.Column("unit_en", sa.String(length=200), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.CheckConstraint("kind IN ('place')", name=op.f("ck_pools_kind")),
        sa.CheckConstraint("used >= 0 AND used <= capacity", name=op.f("ck_pools_used_within_capacity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pools")),
        sa.UniqueConstraint("city", "kind", "key", name=op.f("uq_pools_city_kind_key")),
    )
    op.create_index(op.f("ix_pools_city"), "pools", ["city"], unique=False)
    op.create_index(
        "ix_pools_city_guide_position", "pools", ["city", "guide", "position", "id"], unique=False
    )
    op.create_table(
        "hold_pools",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.CheckConstraint("n > 0", name=op.f("ck_hold_pools_n_positive")),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_hold_pools_pool_id_pools")),
        sa.ForeignKeyConstraint(["subject"], ["holds.subject"], name=op.f("fk_hold_pools_subject_holds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_pools")),
        sa.UniqueConstraint("subject", "pool_id", name=op.f("uq_hold_pools_subject_pool_id")),
    )
    op.create_index(op.f("ix_hold_pools_city"), "hold_pools", ["city"], unique=False)
    op.create_index("ix_hold_pools_pool_id", "hold_pools", ["pool_id"], unique=False)
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("decided_by", sa.String(length=255), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("trace_id", sa.String(length=32), nullable=True),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.CheckConstraint(
            "kind IN ('held', 'confirmed', 'void', 'limit')", name=op.f("ck_ledger_entries_kind")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_ledger_entries_pool_id_pools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("pool_id", "seq", name=op.f("uq_ledger_entries_pool_id_seq")),
    )
    op.create_index(op.f("ix_ledger_entries_city"), "ledger_entries", ["city"], unique=False)
    op.create_index("ix_ledger_entries_subject", "ledger_entries", ["subject"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_ledger_entries_subject", table_name="ledger_entries")
    op.drop_index(op.f("ix_ledger_entries_city"), table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index("ix_hold_pools_pool_id", table_name="hold_pools")
    op.drop_index(op.f("ix_hold_pools_city"), table_name="hold_pools")
    op.drop_table("hold_pools")
    op.drop_index("ix_pools_city_guide_position", table_name="pools")
    op.drop_index(op.f("ix_pools_city"), table_name="pools")
    op.drop_table("pools")
    op.drop_index(op.f("ix_idempotency_keys_started_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index("ix_holds_unsettled", table_name="holds", postgresql_where=sa.text("state = 'held'"))
    op.drop_index(op.f("ix_holds_city"), table_name="holds")
    op.drop_table("holds")
    op.drop_index("ix_audit_entries_city_at", table_name="audit_entries")
    op.drop_index("ix_audit_entries_city_application_id", table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_index(op.f("ix_allocations_city"), table_name="allocations")
    op.drop_table("allocations")
    op.drop_index(op.f("ix_active_allocations_city"), table_name="active_allocations")
    op.drop_table("active_allocations")
