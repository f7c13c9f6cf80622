"""personal identifiers, revisions and history of people and memberships"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("people", sa.Column("resident_id_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("people", sa.Column("resident_id_index", sa.LargeBinary(length=32), nullable=True))
    op.add_column("people", sa.Column("phone_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("people", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("people", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(
        op.f("uq_people_city_resident_id_index"), "people", ["city", "resident_id_index"]
    )
    op.add_column("memberships", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.create_index("ix_memberships_unit_id", "memberships", ["unit_id"], unique=False)
    op.create_table(
        "former_units",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_former_units_person_id_people")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_former_units_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_units")),
    )
    op.create_index(op.f("ix_former_units_city"), "former_units", ["city"], unique=False)
    op.create_index(
        "ix_former_units_person_id_unit_id", "former_units", ["person_id", "unit_id"], unique=False
    )
    op.create_table(
        "former_periods",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["memberships.id"], name=op.f("fk_former_periods_membership_id_memberships")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_former_periods_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_periods")),
    )
    op.create_index(op.f("ix_former_periods_city"), "former_periods", ["city"], unique=False)
    op.create_index(
        op.f("ix_former_periods_membership_id"), "former_periods", ["membership_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("former_periods")
    op.drop_table("former_units")
    op.drop_index("ix_memberships_unit_id", table_name="memberships")
    op.drop_column("memberships", "revision")
    op.drop_constraint(op.f("uq_people_city_resident_id_index"), "people", type_="unique")
    op.drop_column("people", "updated_at")
    op.drop_column("people", "revision")
    op.drop_column("people", "phone_sealed")
    op.drop_column("people", "resident_id_index")
    op.drop_column("people", "resident_id_sealed")
