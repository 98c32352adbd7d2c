"""Tallies kept by triggers, indexes of the front desk's lists, claims, jobs that print many summaries.

A later migration must not rebuild screening_case or draft as a batch in SQLite: that drops the triggers.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from screening.crypto import EncryptedJSON

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BATCH = 500

LISTS = {
    "to_print": "printed_at IS NULL OR changed_at > printed_at",
    "to_call": "desk_calls > 0 AND reviewed_at IS NULL",
    "printed": "printed_at IS NOT NULL AND reviewed_at IS NULL",
}

# The parts of a tally's key, of a row that goes by the name {row}, and which rows are tallied at all.
STATES = {
    "screening_case": (
        "'case'",
        "{row}.tier",
        "CASE WHEN {row}.printed_at IS NULL THEN 0 WHEN {row}.changed_at > {row}.printed_at THEN 2 ELSE 1 END",
        "CASE WHEN {row}.reviewed_at IS NULL THEN 0 ELSE 1 END",
        "CASE WHEN {row}.desk_calls > 0 THEN 1 ELSE 0 END",
    ),
    "draft": ("'draft'", "0", "0", "0", "0"),
}
TALLIED = {"screening_case": "{row}.id IS NOT NULL", "draft": "{row}.closed_at IS NULL"}
WATCHED = {
    "screening_case": "tier, printed_at, changed_at, reviewed_at, desk_calls",
    "draft": "closed_at",
}
KEY = ("subject", "tier", "printed", "reviewed", "to_call")
STEPS = {"insert": (("new", 1),), "delete": (("old", -1),), "update": (("old", -1), ("new", 1))}


def upgrade() -> None:
    _add_tables()
    _add_columns()
    _fill_desk_calls()
    _add_indexes()
    for table in STATES:
        columns = ", ".join(part.format(row=table) for part in STATES[table])
        tallied = TALLIED[table].format(row=table)
        keys = ", ".join(str(number) for number in range(1, len(KEY) + 1))
        op.execute(f"INSERT INTO tally SELECT {columns}, count(*) FROM {table} WHERE {tallied} GROUP BY {keys}")  # noqa: S608
        _add_triggers(table)


def _add_tables() -> None:
    op.create_table(
        "tally",
        sa.Column("subject", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in KEY[1:]),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name=op.f("pk_tally")),
    )
    op.create_table(
        "print_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sheets", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("worked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_print_job_user_id_staff_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
    )
    op.create_index("ix_print_job_requested_at", "print_job", ["requested_at"], unique=False)


def _add_columns() -> None:
    for name in ("changed_at", "claimed_at"):
        op.add_column("screening_case", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("screening_case", sa.Column("desk_calls", sa.Integer(), server_default="0", nullable=False))
    op.add_column("screening_case", sa.Column("claimed_name", sa.String(), nullable=True))
    key = sa.ForeignKey("staff_user.id", name="fk_screening_case_claimed_by_id_staff_user")
    op.add_column(
        "screening_case", sa.Column("claimed_by_id", sa.Integer(), key, nullable=True), inline_references=True
    )


def _fill_desk_calls() -> None:
    """The number is in the assessment, which is encrypted; only a case that is open somewhere can have calls."""
    case = sa.table(
        "screening_case",
        *(sa.column(name) for name in ("id", "rests_on_unknown", "incomplete", "desk_calls")),
        sa.column("assessment", EncryptedJSON()),
    )
    last = 0
    while True:
        query = sa.select(case.c.id, case.c.assessment).where(
            case.c.id > last, sa.or_(case.c.rests_on_unknown, case.c.incomplete)
        )
        rows = op.get_bind().execute(query.order_by(case.c.id).limit(BATCH)).all()
        if not rows:
            return
        for row in rows:
            calls = len(row.assessment.get("call_list", {}).get("front_desk", ()))
            if calls:
                op.execute(sa.update(case).where(case.c.id == row.id).values(desk_calls=calls))
        last = rows[-1].id


def _add_indexes() -> None:
    for name in ("ix_case_not_printed", "ix_case_not_reviewed"):
        op.drop_index(name, table_name="screening_case")
    _index("ix_case_tier_submitted", "screening_case", ["tier", "submitted_at", "id"])
    for name, where in LISTS.items():
        _index(f"ix_case_{name}", "screening_case", ["submitted_at", "id"], where)
        _index(f"ix_case_tier_{name}", "screening_case", ["tier", "submitted_at", "id"], where)
    _index("ix_case_changed", "screening_case", ["changed_at"], "changed_at IS NOT NULL")
    _index("ix_case_tier_reviewed", "screening_case", ["tier", "reviewed_at", "id"], "reviewed_at IS NOT NULL")
    op.drop_index("ix_draft_last_activity_at", table_name="draft")
    _index("ix_draft_left", "draft", ["last_activity_at", "id"], "closed_at IS NULL")
    _index("ix_draft_open", "draft", ["started_at", "id"], "closed_at IS NULL")
    _index("ix_draft_begun", "draft", ["started_at", "channel", "closed_at"])
    _index("ix_audit_event_actor", "audit_event", ["actor", "id"])
    op.drop_index("ix_search_token_kind_token", table_name="search_token")
    op.create_index("ix_search_token_found", "search_token", ["kind", "token", "patient_id"], unique=True)


def _index(name: str, table: str, columns: list[str], where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, columns, unique=False, sqlite_where=condition, postgresql_where=condition)


def _add_triggers(table: str) -> None:
    make = _sqlite_triggers if op.get_bind().dialect.name == "sqlite" else _postgres_triggers
    for statement in make(table):
        op.execute(statement)


def _sqlite_triggers(table: str) -> list[str]:
    """A trigger for each row."""
    return [
        f"CREATE TRIGGER tally_{table}_{event} AFTER {event.upper()}"
        f"{f' OF {WATCHED[table]}' if event == 'update' else ''} ON {table} BEGIN "
        + " ".join(f"{_move(_rows(table, row, step, ''))};" for row, step in steps)
        + " END"
        for event, steps in STEPS.items()
    ]


def _postgres_triggers(table: str) -> list[str]:
    """A trigger for each statement: however many rows it wrote, a tally is locked and changed once, in one order."""
    statements = []
    for event, steps in STEPS.items():
        name = f"tally_{table}_{event}"
        keys = ", ".join(KEY)
        moved = " UNION ALL ".join(_rows(table, f"{row}_rows", step, f" FROM {row}_rows") for row, step in steps)
        rows = f"SELECT {keys}, sum(n) FROM ({moved}) AS moved GROUP BY {keys} HAVING sum(n) <> 0 ORDER BY {keys}"  # noqa: S608
        seen = " ".join(f"{row.upper()} TABLE AS {row}_rows" for row, _ in steps)
        statements += [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_move(rows)}; RETURN NULL; END $$",
            f"CREATE TRIGGER {name} AFTER {event.upper()} ON {table} REFERENCING {seen} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        ]
    return statements


def _rows(table: str, row: str, step: int, source: str) -> str:
    columns = ", ".join(f"{part.format(row=row)} AS {name}" for part, name in zip(STATES[table], KEY, strict=True))
    return f"SELECT {columns}, {step} AS n{source} WHERE {TALLIED[table].format(row=row)}"


def _move(rows: str) -> str:
    keys = ", ".join(KEY)
    return f"INSERT INTO tally ({keys}, n) {rows} ON CONFLICT ({keys}) DO UPDATE SET n = tally.n + excluded.n"


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for table in STATES:
        for event in STEPS:
            op.execute(f"DROP TRIGGER tally_{table}_{event}" + (f" ON {table}" if postgres else ""))
            if postgres:
                op.execute(f"DROP FUNCTION tally_{table}_{event}()")
    op.drop_index("ix_audit_event_actor", table_name="audit_event")
    op.drop_index("ix_search_token_found", table_name="search_token")
    op.create_index("ix_search_token_kind_token", "search_token", ["kind", "token"], unique=False)
    for name in ("ix_draft_open", "ix_draft_left", "ix_draft_begun"):
        op.drop_index(name, table_name="draft")
    _index("ix_draft_last_activity_at", "draft", ["last_activity_at"])
    op.drop_index("ix_case_changed", table_name="screening_case")
    for name in ("submitted", "reviewed", *LISTS):
        op.drop_index(f"ix_case_tier_{name}", table_name="screening_case")
    for name in LISTS:
        op.drop_index(f"ix_case_{name}", table_name="screening_case")
    _index("ix_case_not_printed", "screening_case", ["submitted_at", "id"], "printed_at IS NULL")
    _index("ix_case_not_reviewed", "screening_case", ["submitted_at", "id"], "reviewed_at IS NULL")
    for name in ("claimed_by_id", "claimed_name", "claimed_at", "desk_calls", "changed_at"):
        op.drop_column("screening_case", name)
    op.drop_table("print_job")
    op.drop_table("tally")
