"""Watched sources, their changes and their incoming webhooks.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def json() -> postgresql.JSONB:
    """Return the type of a document."""
    return postgresql.JSONB(astext_type=sa.Text())


def moment() -> sa.DateTime:
    """Return the type of a time."""
    return sa.DateTime(timezone=True)


def refers(table: str, column: str, other: str, *, gone: str) -> sa.ForeignKeyConstraint:
    """Return a foreign key of a table."""
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete=gone)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "source",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=1000), nullable=False),
        sa.Column("release", json(), nullable=False),
        sa.Column("check_seconds", sa.Integer(), nullable=False),
        sa.Column("write_back", sa.Boolean(), nullable=False),
        sa.Column("pass_alias", sa.String(length=100), nullable=True),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("next_check_at", moment(), nullable=False),
        sa.Column("checked_at", moment(), nullable=True),
        sa.Column("seen", sa.String(length=300), nullable=True),
        sa.Column("errors", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", json(), nullable=True),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", moment(), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('https', 's3', 'hf', 'mlflow')", name=op.f("ck_source_kind")),
        refers("source", "project_id", "project", gone="CASCADE"),
        refers("source", "target_id", "target", gone="CASCADE"),
        refers("source", "schedule_id", "schedule", gone="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_source_project_id_name")),
    )
    for column in ("project_id", "target_id", "schedule_id"):
        op.create_index(op.f(f"ix_source_{column}"), "source", [column], unique=False)
    op.create_index("ix_source_next_check_at", "source", ["next_check_at"], postgresql_where=sa.text("active"))
    op.create_table(
        "source_change",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.String(length=300), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("audit_id", sa.Uuid(), nullable=True),
        sa.Column("next_at", moment(), nullable=True),
        sa.Column("errors", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", json(), nullable=True),
        sa.Column("written_at", moment(), nullable=True),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", moment(), server_default=sa.text("now()"), nullable=False),
        refers("source_change", "project_id", "project", gone="CASCADE"),
        refers("source_change", "source_id", "source", gone="CASCADE"),
        refers("source_change", "release_id", "release", gone="SET NULL"),
        refers("source_change", "run_id", "schedule_run", gone="SET NULL"),
        refers("source_change", "audit_id", "audit", gone="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_change")),
        sa.UniqueConstraint("source_id", "revision", name=op.f("uq_source_change_source_id_revision")),
    )
    for column in ("release_id", "run_id", "audit_id"):
        op.create_index(op.f(f"ix_source_change_{column}"), "source_change", [column], unique=False)
    waiting = sa.text("next_at IS NOT NULL")
    op.create_index("ix_source_change_next_at", "source_change", ["next_at"], postgresql_where=waiting)
    op.create_table(
        "source_call",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("delivery", sa.String(length=300), nullable=False),
        sa.Column("revision", sa.String(length=300), nullable=True),
        sa.Column("handled_at", moment(), nullable=True),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", moment(), server_default=sa.text("now()"), nullable=False),
        refers("source_call", "source_id", "source", gone="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_call")),
        sa.UniqueConstraint("source_id", "delivery", name=op.f("uq_source_call_source_id_delivery")),
    )
    unhandled = sa.text("handled_at IS NULL")
    op.create_index("ix_source_call_waiting", "source_call", ["created_at"], postgresql_where=unhandled)


def downgrade() -> None:
    """Drop the tables."""
    for table in ("source_call", "source_change", "source"):
        op.drop_table(table)
