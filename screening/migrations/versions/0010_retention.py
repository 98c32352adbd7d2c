"""What is forgotten when, legal holds, and tombstones of people who were erased.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

STANDING = sa.text("lifted_at IS NULL")
PUT_AWAY = sa.text("closed_at IS NOT NULL AND channel IN ('paper', 'phone')")

# What a deleted row may be named by: without an index each deletion reads the whole table.
NAMED = (
    ("handover", "newest_decision_id"),
    ("handover", "agrees_with_id"),
    ("referral_letter", "decision_id"),
    ("case_assessment", "correction_id"),
    ("what_if_case", "reference"),
)


def upgrade() -> None:
    _add_holds()
    op.create_table(
        "tombstone",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_tombstone")),
    )
    op.create_table(
        "forgotten_forms",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("reached", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "channel", "reached", name=op.f("pk_forgotten_forms")),
    )
    op.create_table(
        "spent_id",
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("table", name=op.f("pk_spent_id")),
    )
    for table, column in NAMED:
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("ix_draft_put_away", "draft", ["closed_at", "id"], sqlite_where=PUT_AWAY, postgresql_where=PUT_AWAY)


def _add_holds() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by_id", sa.Integer(), nullable=False),
        sa.Column("placed_name", sa.String(), nullable=False),
        sa.Column("lift_reason", sa.LargeBinary(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.Column("lifted_name", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_legal_hold_patient_id_patient"),
        sa.ForeignKeyConstraint(["placed_by_id"], ["staff_user.id"], name="fk_legal_hold_placed_by_id_staff_user"),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["staff_user.id"], name="fk_legal_hold_lifted_by_id_staff_user"),
        sa.PrimaryKeyConstraint("id", name="pk_legal_hold"),
    )
    op.create_index("ix_legal_hold_patient_id", "legal_hold", ["patient_id"])
    op.create_index(
        "ix_legal_hold_standing",
        "legal_hold",
        ["patient_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def downgrade() -> None:
    for table, column in NAMED:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
    op.drop_index("ix_draft_put_away", table_name="draft")
    for table in ("spent_id", "forgotten_forms", "tombstone", "legal_hold"):
        op.drop_table(table)
