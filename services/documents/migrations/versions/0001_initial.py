"""initial

Revision ID: 0001
Revises:
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
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
        "bundles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("guide", sa.String(length=255), nullable=False),
        sa.Column("guide_version", sa.String(length=255), nullable=False),
        sa.Column("category", sa.String(length=255), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundles")),
    )
    op.create_index(op.f("ix_bundles_application_id"), "bundles", ["application_id"], unique=False)
    op.create_index(op.f("ix_bundles_city"), "bundles", ["city"], unique=False)
    op.create_table(
        "files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("guide", sa.String(length=255), nullable=False),
        sa.Column("guide_version", sa.String(length=255), nullable=False),
        sa.Column("category", sa.String(length=255), nullable=False),
        sa.Column("material", sa.String(length=255), nullable=False),
        sa.Column("bundle", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("content_type", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("object_key", sa.String(length=255), nullable=False),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("uploaded_by", sa.String(length=255), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.CheckConstraint("bundle IN ('blind', 'identity', 'office')", name=op.f("ck_files_bundle")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint(
            "application_id",
            "material",
            "name",
            "version_no",
            name=op.f("uq_files_application_id_material_name_version_no"),
        ),
        sa.UniqueConstraint("object_key", name=op.f("uq_files_object_key")),
    )
    op.create_index(
        "ix_files_application_id_completed_at", "files", ["application_id", "completed_at"], unique=False
    )
    op.create_index(op.f("ix_files_city"), "files", ["city"], unique=False)
    op.create_table(
        "guides",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("guide", sa.String(length=80), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guides")),
        sa.UniqueConstraint("city", "guide", "version", name=op.f("uq_guides_city_guide_version")),
    )
    op.create_index(op.f("ix_guides_city"), "guides", ["city"], unique=False)
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
        "downloads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("first_byte", sa.BigInteger(), nullable=False),
        sa.Column("last_byte", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_downloads_file_id_files")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downloads")),
    )
    op.create_index(op.f("ix_downloads_application_id"), "downloads", ["application_id"], unique=False)
    op.create_index(op.f("ix_downloads_city"), "downloads", ["city"], unique=False)
    op.create_index(op.f("ix_downloads_file_id"), "downloads", ["file_id"], unique=False)
    op.create_table(
        "file_texts",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("fault", sa.String(length=32), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("properties", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'done', 'unreadable')", name=op.f("ck_file_texts_state")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_file_texts_file_id_files")),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_file_texts")),
    )
    op.create_index(op.f("ix_file_texts_city"), "file_texts", ["city"], unique=False)
    op.create_table(
        "sealings",
        sa.Column("bundle_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("bundle", sa.String(length=16), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.CheckConstraint("bundle IN ('blind', 'identity', 'office')", name=op.f("ck_sealings_bundle")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_sealings_file_id_files")),
        sa.PrimaryKeyConstraint("bundle_id", "file_id", name=op.f("pk_sealings")),
    )
    op.create_index(op.f("ix_sealings_city"), "sealings", ["city"], unique=False)
    op.create_index(op.f("ix_sealings_file_id"), "sealings", ["file_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_sealings_file_id"), table_name="sealings")
    op.drop_index(op.f("ix_sealings_city"), table_name="sealings")
    op.drop_table("sealings")
    op.drop_index(op.f("ix_file_texts_city"), table_name="file_texts")
    op.drop_table("file_texts")
    op.drop_index(op.f("ix_downloads_file_id"), table_name="downloads")
    op.drop_index(op.f("ix_downloads_city"), table_name="downloads")
    op.drop_index(op.f("ix_downloads_application_id"), table_name="downloads")
    op.drop_table("downloads")
    op.drop_index(op.f("ix_idempotency_keys_started_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index(op.f("ix_guides_city"), table_name="guides")
    op.drop_table("guides")
    op.drop_index(op.f("ix_files_city"), table_name="files")
    op.drop_index("ix_files_application_id_completed_at", table_name="files")
    op.drop_table("files")
    op.drop_index(op.f("ix_bundles_city"), table_name="bundles")
    op.drop_index(op.f("ix_bundles_application_id"), table_name="bundles")
    op.drop_table("bundles")
    op.drop_index("ix_audit_entries_city_at", table_name="audit_entries")
    op.drop_index("ix_audit_entries_city_application_id", table_name="audit_entries")
    op.drop_table("audit_entries")
