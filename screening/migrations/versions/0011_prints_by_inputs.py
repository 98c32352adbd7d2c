"""Stored prints are found by what they are made from.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stored_pdf", sa.Column("fingerprint", sa.String(), nullable=True))
    op.create_index(op.f("ix_stored_pdf_fingerprint"), "stored_pdf", ["fingerprint"])


def downgrade() -> None:
    op.drop_index(op.f("ix_stored_pdf_fingerprint"), table_name="stored_pdf")
    op.drop_column("stored_pdf", "fingerprint")
