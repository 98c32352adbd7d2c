"""Rule sets, signatures, activations, re-reviews, marks on findings, what-if runs.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_set",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_rule_set")),
    )
    op.create_table(
        "rule_set_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("signed_name", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["rule_set.sha256"], name=op.f("fk_rule_set_signature_sha256_rule_set")),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_rule_set_signature_user_id_staff_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set_signature")),
    )
    op.create_index(op.f("ix_rule_set_signature_sha256"), "rule_set_signature", ["sha256"], unique=False)
    op.create_table(
        "rule_set_activation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("activated_name", sa.String(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["rule_set.sha256"], name=op.f("fk_rule_set_activation_sha256_rule_set")),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_rule_set_activation_user_id_staff_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set_activation")),
    )
    op.create_table(
        "re_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("from_tier", sa.Integer(), nullable=False),
        sa.Column("to_tier", sa.Integer(), nullable=False),
        sa.Column("ruleset_sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["screening_case.id"], name=op.f("fk_re_review_case_id_screening_case")),
        sa.ForeignKeyConstraint(["resolved_by"], ["staff_user.id"], name=op.f("fk_re_review_resolved_by_staff_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_re_review")),
    )
    op.create_index(op.f("ix_re_review_case_id"), "re_review", ["case_id"], unique=False)
    open_rows = sa.text("resolved_at IS NULL")
    op.create_index("ix_re_review_open", "re_review", ["id"], sqlite_where=open_rows, postgresql_where=open_rows)
    op.create_table(
        "finding_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_finding_mark_decision_id_decision")),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["case_finding.id"], name=op.f("fk_finding_mark_finding_id_case_finding")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_finding_mark_user_id_staff_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_mark")),
    )
    op.create_index(op.f("ix_finding_mark_decision_id"), "finding_mark", ["decision_id"], unique=False)
    op.create_index(op.f("ix_finding_mark_finding_id"), "finding_mark", ["finding_id"], unique=False)
    op.create_table(
        "what_if_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_sha256", sa.String(), nullable=False),
        sa.Column("in_force_sha256", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["candidate_sha256"], ["rule_set.sha256"], name=op.f("fk_what_if_run_candidate_sha256_rule_set")
        ),
        sa.ForeignKeyConstraint(
            ["in_force_sha256"], ["rule_set.sha256"], name=op.f("fk_what_if_run_in_force_sha256_rule_set")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_what_if_run_user_id_staff_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_what_if_run")),
    )
    op.create_index(op.f("ix_what_if_run_candidate_sha256"), "what_if_run", ["candidate_sha256"], unique=False)
    op.create_index(op.f("ix_what_if_run_requested_at"), "what_if_run", ["requested_at"], unique=False)
    op.create_index("ix_case_finding_rule_basis", "case_finding", ["rule", "basis"], unique=False)
    op.drop_index("ix_case_finding_rule", table_name="case_finding")


def downgrade() -> None:
    op.create_index("ix_case_finding_rule", "case_finding", ["rule"], unique=False)
    op.drop_index("ix_case_finding_rule_basis", table_name="case_finding")
    for table in ("what_if_run", "finding_mark", "re_review", "rule_set_activation", "rule_set_signature", "rule_set"):
        op.drop_table(table)
