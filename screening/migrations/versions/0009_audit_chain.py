"""Audit events are chained, and the database refuses to change them.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from screening.chain import GENESIS

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CONTENT = ("id", "at", "actor", "action", "subject_kind", "subject_id", "detail")
REFUSED = "audit events are only added"
# Sealing an event that an earlier release wrote is the one change there is.
SEALING = "OLD.mac IS NULL AND OLD.position IS NULL AND NEW.mac IS NOT NULL AND NEW.position IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("position", "event_id")),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    head = sa.table("audit_head", *(sa.column(name) for name in ("id", "position", "event_id", "mac")))
    op.execute(sa.insert(head).values(id=1, position=0, event_id=0, mac=sa.literal(GENESIS, sa.LargeBinary())))
    op.add_column("audit_event", sa.Column("position", sa.Integer(), nullable=True))
    op.add_column("audit_event", sa.Column("mac", sa.LargeBinary(), nullable=True))
    op.create_index("ix_audit_event_position", "audit_event", ["position"], unique=True)
    empty = sa.text("mac IS NULL")
    op.create_index("ix_audit_event_not_sealed", "audit_event", ["id"], sqlite_where=empty, postgresql_where=empty)
    for statement in _sqlite_triggers() if op.get_bind().dialect.name == "sqlite" else _postgres_triggers():
        op.execute(statement)


def _sqlite_triggers() -> list[str]:
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in CONTENT)
    # REPLACE deletes the row in its way without a word to the trigger of deletes.
    taken = "SELECT 1 FROM audit_event WHERE id = NEW.id OR position = NEW.position"
    return [
        _refusal("audit_event_update", f"UPDATE ON audit_event WHEN NOT ({SEALING} AND {same})"),
        _refusal("audit_event_delete", "DELETE ON audit_event"),
        _refusal("audit_event_replace", f"INSERT ON audit_event WHEN EXISTS ({taken})"),
        _refusal("audit_head_delete", "DELETE ON audit_head"),
    ]


def _refusal(name: str, event: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {event} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"


def _postgres_triggers() -> list[str]:
    # JSON has no equality: its text has.
    same = " AND ".join(f"NEW.{name}::text IS NOT DISTINCT FROM OLD.{name}::text" for name in CONTENT)
    refuse = "FOR EACH ROW {when} EXECUTE FUNCTION audit_refuse()"
    return [
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$",
        "CREATE TRIGGER audit_event_update BEFORE UPDATE ON audit_event "
        + refuse.format(when=f"WHEN (NOT ({SEALING} AND {same}))"),
        "CREATE TRIGGER audit_event_delete BEFORE DELETE ON audit_event " + refuse.format(when=""),
        "CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head " + refuse.format(when=""),
        *(
            f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
            "EXECUTE FUNCTION audit_refuse()"
            for table in ("audit_event", "audit_head")
        ),
    ]


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    every = ("audit_event_update", "audit_event_delete", "audit_head_delete")
    for name in (*every, *(("audit_event_truncate", "audit_head_truncate") if postgres else ("audit_event_replace",))):
        op.execute(f"DROP TRIGGER {name}" + (f" ON {name.rpartition('_')[0]}" if postgres else ""))
    if postgres:
        op.execute("DROP FUNCTION audit_refuse()")
    op.drop_index("ix_audit_event_not_sealed", table_name="audit_event")
    op.drop_index("ix_audit_event_position", table_name="audit_event")
    op.drop_column("audit_event", "mac")
    op.drop_column("audit_event", "position")
    op.drop_table("audit_head")
