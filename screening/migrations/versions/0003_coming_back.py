"""Return codes, held answers, invitations, tablets, mail to patients, who gave each answer, approved translations.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index("ix_attempt_at", "attempt", ["at"], unique=False)
    op.create_index("ix_attempt_key", "attempt", ["scope", "key_hash", "at"], unique=False)

    op.create_table(
        "kiosk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("started_name", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_name", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["started_by_id"], ["staff_user.id"], name=op.f("fk_kiosk_started_by_id_staff_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiosk")),
    )
    op.create_table(
        "translation_approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("approved_name", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_translation_approval_user_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_translation_approval")),
    )
    op.create_table(
        "held_post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("form", sa.LargeBinary(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_held_post_draft_id_draft")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_post")),
    )
    op.create_index("ix_held_post_draft_id", "held_post", ["draft_id"], unique=False)
    op.create_index("ix_held_post_held_at", "held_post", ["held_at"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_name", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_name", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["staff_user.id"], name=op.f("fk_invitation_created_by_id_staff_user")
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_invitation_draft_id_draft")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_invitation_draft_id")),
    )
    op.create_index("ix_invitation_created_at", "invitation", ["created_at"], unique=False)

    op.create_table(
        "patient_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("to", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_patient_mail_draft_id_draft")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_patient_mail_invitation_id_invitation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_mail")),
    )
    op.create_index("ix_patient_mail_draft_id", "patient_mail", ["draft_id"], unique=False)
    op.create_index("ix_patient_mail_due", "patient_mail", ["delivered_at", "due_at"], unique=False)
    op.create_index("ix_patient_mail_invitation_id", "patient_mail", ["invitation_id"], unique=False)

    op.create_table(
        "return_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_return_code_draft_id_draft")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_return_code_invitation_id_invitation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_return_code_code_hash")),
    )
    op.create_index("ix_return_code_draft_id", "return_code", ["draft_id"], unique=False)
    op.create_index("ix_return_code_invitation_id", "return_code", ["invitation_id"], unique=False)

    op.create_table(
        "data_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("file_format", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("purpose", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("exported_name", sa.String(), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_data_export_user_id_staff_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
    )

    # Added in place: a copy of the table, as a batch would make it, breaks the rows that refer to it in SQLite.
    for name, kind, refers in (
        ("given", sa.LargeBinary(), None),
        ("entered_by_id", sa.Integer(), "staff_user"),
        ("filled_on", sa.Date(), None),
        ("kiosk_id", sa.Integer(), "kiosk"),
        ("reached", sa.String(), None),
    ):
        key = [sa.ForeignKey(f"{refers}.id", name=f"fk_draft_{name}_{refers}")] if refers else []
        op.add_column("draft", sa.Column(name, kind, *key, nullable=True), inline_references=bool(key))
    for name, kind in (("as_seen", sa.LargeBinary()), ("given", sa.LargeBinary()), ("filled_on", sa.Date())):
        op.add_column("screening_case", sa.Column(name, kind, nullable=True))

    for table in ("alert", "outbox_message"):
        activation = sa.ForeignKey("rule_set_activation.id", name=f"fk_{table}_activation_id_rule_set_activation")
        op.add_column(table, sa.Column("activation_id", sa.Integer(), activation), inline_references=True)
        op.create_index(f"ix_{table}_activation_id", table, ["activation_id"], unique=False)
    for name in ("assessed", "cases"):
        op.add_column("what_if_run", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "what_if_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("asked_differently", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["what_if_run.id"], name=op.f("fk_what_if_case_run_id_what_if_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_what_if_case")),
    )
    op.create_index("ix_what_if_case_run", "what_if_case", ["run_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("what_if_case")
    for name in ("cases", "assessed"):
        op.drop_column("what_if_run", name)
    for table in ("outbox_message", "alert"):
        op.drop_index(f"ix_{table}_activation_id", table_name=table)
        op.drop_column(table, "activation_id")
    for name in ("filled_on", "given", "as_seen"):
        op.drop_column("screening_case", name)
    for name in ("reached", "kiosk_id", "filled_on", "entered_by_id", "given"):
        op.drop_column("draft", name)
    for table in (
        "data_export",
        "return_code",
        "patient_mail",
        "invitation",
        "held_post",
        "translation_approval",
        "kiosk",
        "attempt",
    ):
        op.drop_table(table)
