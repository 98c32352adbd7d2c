"""Identity data that were corrected, and records of one person that staff joined.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STANDING = sa.text("undone_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "identity_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_by_id", sa.Integer(), nullable=True),
        sa.Column("corrected_name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_identity_correction_patient_id_patient"),
        sa.ForeignKeyConstraint(
            ["corrected_by_id"], ["staff_user.id"], name="fk_identity_correction_corrected_by_id_staff_user"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_identity_correction"),
        sa.UniqueConstraint("patient_id", "number", name="uq_identity_correction_patient_id_number"),
    )
    op.create_table(
        "patient_join",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_by_id", sa.Integer(), nullable=True),
        sa.Column("joined_name", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_name", sa.String(), nullable=True),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_patient_join_order")),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=f"fk_patient_join_{name}_{table}")
            for name, table in (
                ("first_id", "patient"),
                ("second_id", "patient"),
                ("joined_by_id", "staff_user"),
                ("undone_by_id", "staff_user"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="pk_patient_join"),
    )
    op.create_index("ix_patient_join_first_id", "patient_join", ["first_id"])
    op.create_index("ix_patient_join_second_id", "patient_join", ["second_id"])
    op.create_index(
        "ix_patient_join_standing",
        "patient_join",
        ["first_id", "second_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    key = sa.ForeignKey("identity_correction.id", name="fk_case_assessment_correction_id_identity_correction")
    op.add_column("case_assessment", sa.Column("correction_id", sa.Integer(), key), inline_references=True)


def downgrade() -> None:
    op.drop_column("case_assessment", "correction_id")
    op.drop_table("patient_join")
    op.drop_table("identity_correction")
