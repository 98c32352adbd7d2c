"""Files of many summaries in pieces.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("print_job", sa.Column("pieces", sa.String(), nullable=True))
    op.create_table(
        "print_piece",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("job_id", sa.Integer(), sa.ForeignKey("print_job.id", ondelete="CASCADE"), nullable=False),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("job_id", "attempt", "number"),
    )


def downgrade() -> None:
    op.drop_table("print_piece")
    op.drop_column("print_job", "pieces")
