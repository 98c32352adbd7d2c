"""Assessments that amended answers took the place of, what a decision was signed on, marks by their rule.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ENCRYPTED = ("answers", "given", "record", "as_seen", "assessment", "findings")
COUNTS = (
    ("screening_case", "assessment_number"),
    ("screening_case", "decisions_from"),
    ("decision", "assessment_number"),
)

TO_RULE = (
    "UPDATE finding_mark SET rule = (SELECT rule FROM case_finding WHERE case_finding.id = finding_mark.finding_id)"
)
TO_FINDING = (
    "UPDATE finding_mark SET finding_id = (SELECT case_finding.id FROM case_finding JOIN decision"
    " ON decision.case_id = case_finding.case_id"
    " WHERE decision.id = finding_mark.decision_id AND case_finding.rule = finding_mark.rule)"
)


def upgrade() -> None:
    op.create_table(
        "case_assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=name in ("given", "as_seen")) for name in ENCRYPTED),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("questionnaire_version", sa.String(), nullable=False),
        sa.Column("ruleset_version", sa.String(), nullable=False),
        sa.Column("ruleset_sha256", sa.String(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.Column("replaced_name", sa.String(), nullable=False),
        sa.Column("reopened", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["screening_case.id"], name=op.f("fk_case_assessment_case_id_screening_case")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["staff_user.id"], name=op.f("fk_case_assessment_replaced_by_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_assessment")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_case_assessment_case_id_number")),
    )
    for table, name in COUNTS:
        op.add_column(table, sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.add_column("finding_mark", sa.Column("rule", sa.String(), nullable=True))
    op.execute(TO_RULE)
    with op.batch_alter_table("finding_mark") as batch:
        batch.alter_column("rule", existing_type=sa.String(), nullable=False)
        batch.drop_index("ix_finding_mark_finding_id")
        batch.drop_constraint("fk_finding_mark_finding_id_case_finding", type_="foreignkey")
        batch.drop_column("finding_id")


def downgrade() -> None:
    op.add_column("finding_mark", sa.Column("finding_id", sa.Integer(), nullable=True))
    op.execute(TO_FINDING)
    # A finding that amended answers took away has no row to mark.
    op.execute("DELETE FROM finding_mark WHERE finding_id IS NULL")
    with op.batch_alter_table("finding_mark") as batch:
        batch.alter_column("finding_id", existing_type=sa.Integer(), nullable=False)
        batch.create_foreign_key("fk_finding_mark_finding_id_case_finding", "case_finding", ["finding_id"], ["id"])
        batch.create_index("ix_finding_mark_finding_id", ["finding_id"])
        batch.drop_column("rule")
    for table, name in COUNTS:
        op.drop_column(table, name)
    op.drop_table("case_assessment")
