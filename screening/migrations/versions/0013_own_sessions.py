"""Whose a session is, for its owner to see where they are signed in.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("web_session", sa.Column("owner", sa.String(), nullable=True))
    op.create_index("ix_web_session_owner", "web_session", ["owner"])


def downgrade() -> None:
    op.drop_index("ix_web_session_owner", "web_session")
    op.drop_column("web_session", "owner")
