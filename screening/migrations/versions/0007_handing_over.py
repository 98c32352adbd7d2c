"""Cases handed from one physician to another, and letters to referrers.

Revision ID: 0007
Revises: 0006
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

CASE_COLUMNS = ("assigned_to_id", "assigned_at", "opinion_asked_at")
INDEXES: dict[str, tuple[list[Any], str]] = {
    "ix_case_opinion": (["opinion_asked_at", "id"], "opinion_asked_at IS NOT NULL"),
    "ix_case_assigned": (
        ["assigned_to_id", sa.text("tier DESC"), sa.text("a04 DESC"), "submitted_at", "id"],
        "assigned_to_id IS NOT NULL",
    ),
}


def upgrade() -> None:
    key = sa.ForeignKey("staff_user.id", name="fk_screening_case_assigned_to_id_staff_user")
    op.add_column(
        "screening_case", sa.Column("assigned_to_id", sa.Integer(), key, nullable=True), inline_references=True
    )
    for name in CASE_COLUMNS[1:]:
        op.add_column("screening_case", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name, (columns, where) in INDEXES.items():
        condition = sa.text(where)
        op.create_index(name, "screening_case", columns, sqlite_where=condition, postgresql_where=condition)
    _add_handover()
    _add_letter()


def _add_handover() -> None:
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("assigns", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("assigned_name", sa.String(), nullable=True),
        sa.Column("asks_opinion", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("newest_decision_id", sa.Integer(), nullable=True),
        sa.Column("agrees_with_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("signed_name", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["screening_case.id"], name=op.f("fk_handover_case_id_screening_case")),
        sa.ForeignKeyConstraint(
            ["assigned_to_id"], ["staff_user.id"], name=op.f("fk_handover_assigned_to_id_staff_user")
        ),
        sa.ForeignKeyConstraint(
            ["newest_decision_id"], ["decision.id"], name=op.f("fk_handover_newest_decision_id_decision")
        ),
        sa.ForeignKeyConstraint(["agrees_with_id"], ["decision.id"], name=op.f("fk_handover_agrees_with_id_decision")),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_handover_user_id_staff_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index("ix_handover_case_id", "handover", ["case_id"], unique=False)


def _add_letter() -> None:
    op.create_table(
        "referral_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("assessment_number", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("signed_name", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["screening_case.id"], name=op.f("fk_referral_letter_case_id_screening_case")
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_referral_letter_decision_id_decision")),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_referral_letter_user_id_staff_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_letter")),
    )
    op.create_index("ix_referral_letter_case_id", "referral_letter", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_table("referral_letter")
    op.drop_table("handover")
    for name in INDEXES:
        op.drop_index(name, table_name="screening_case")
    for name in CASE_COLUMNS:
        op.drop_column("screening_case", name)
