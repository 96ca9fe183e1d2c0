"""Policies, decisions and waivers.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NEVER_EDITED = ("policy_version", "decision")
FUNCTION = """
CREATE FUNCTION refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never edited', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
"""


def moment() -> sa.DateTime:
    """Return the type of a time."""
    return sa.DateTime(timezone=True)


def json() -> postgresql.JSONB:
    """Return the type of a document."""
    return postgresql.JSONB(astext_type=sa.Text())


def identified(table: str) -> tuple[sa.Column[object], sa.Column[object], sa.PrimaryKeyConstraint]:
    """Return the id, the time of creation and the primary key."""
    return (
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", moment(), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def belongs(table: str, *parents: str) -> list[sa.Column[object] | sa.ForeignKeyConstraint]:
    """Return a column and a foreign key for each parent, with which the row is deleted."""
    columns: list[sa.Column[object] | sa.ForeignKeyConstraint] = [
        sa.Column(f"{parent}_id", sa.Uuid(), nullable=False) for parent in parents
    ]
    keys = [
        sa.ForeignKeyConstraint(
            [f"{parent}_id"], [f"{parent}.id"], name=op.f(f"fk_{table}_{parent}_id_{parent}"), ondelete="CASCADE"
        )
        for parent in parents
    ]
    return [*columns, *keys]


def upgrade() -> None:
    """Create the tables, and let a target name its policy."""
    op.create_table(
        "policy",
        *belongs("policy", "project"),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("default_since", moment(), nullable=True),
        *identified("policy"),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_policy_project_id_name")),
    )
    default = sa.text("default_since IS NOT NULL")
    op.create_index("ix_policy_default", "policy", ["project_id"], unique=True, postgresql_where=default)
    op.create_table(
        "policy_version",
        *belongs("policy_version", "project", "policy"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", json(), nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        *identified("policy_version"),
        sa.UniqueConstraint("policy_id", "version", name=op.f("uq_policy_version_policy_id_version")),
    )
    op.create_index(op.f("ix_policy_version_project_id"), "policy_version", ["project_id"])
    op.create_table(
        "decision",
        *belongs("decision", "project", "audit", "target", "release", "policy_version"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reference", sa.Boolean(), nullable=False),
        sa.Column("until", moment(), nullable=True),
        sa.Column("document", json(), nullable=False),
        *identified("decision"),
        sa.CheckConstraint("outcome IN ('pass', 'warn', 'fail')", name=op.f("ck_decision_outcome")),
        sa.CheckConstraint("cause IN ('audit', 'policy', 'waiver', 'time')", name=op.f("ck_decision_cause")),
        sa.UniqueConstraint("audit_id", "number", name=op.f("uq_decision_audit_id_number")),
    )
    for column in ("project_id", "release_id", "policy_version_id"):
        op.create_index(op.f(f"ix_decision_{column}"), "decision", [column])
    op.create_index("ix_decision_target_id_created_at", "decision", ["target_id", "created_at"])
    op.create_index("ix_decision_until", "decision", ["until"])
    op.create_table(
        "waiver",
        *belongs("waiver", "project", "target", "release"),
        sa.Column("rule", sa.String(length=10), nullable=True),
        sa.Column("finding", sa.String(length=200), nullable=True),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("until_next_release", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_at", moment(), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", moment(), nullable=True),
        sa.Column("revoked_by", sa.String(length=200), nullable=True),
        sa.Column("ended_at", moment(), nullable=True),
        sa.Column("warned_days", sa.Integer(), nullable=True),
        *identified("waiver"),
        sa.CheckConstraint("(rule IS NULL) <> (finding IS NULL)", name=op.f("ck_waiver_subject")),
        sa.CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name=op.f("ck_waiver_approved_by")),
        sa.CheckConstraint("approved_by_id <> asked_by_id", name=op.f("ck_waiver_four_eyes")),
    )
    for column in ("project_id", "target_id", "release_id"):
        op.create_index(op.f(f"ix_waiver_{column}"), "waiver", [column])
    op.add_column("target", sa.Column("policy_id", sa.Uuid(), nullable=True))
    op.add_column("target", sa.Column("policy_since", moment(), nullable=True))
    op.create_index(op.f("ix_target_policy_id"), "target", ["policy_id"])
    op.create_foreign_key(
        op.f("fk_target_policy_id_policy"), "target", "policy", ["policy_id"], ["id"], ondelete="SET NULL"
    )
    op.execute(FUNCTION)
    for table in NEVER_EDITED:
        op.execute(
            f"CREATE TRIGGER {table}_never_edited BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_edit()"
        )


def downgrade() -> None:
    """Drop the tables and what refers to them."""
    op.drop_column("target", "policy_since")
    op.drop_column("target", "policy_id")
    for table in ("waiver", "decision", "policy_version", "policy"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_edit()")
