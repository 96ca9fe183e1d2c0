"""Receipts of deletions, legal holds, retention per project, and the audits of artifacts.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def moment() -> sa.DateTime:
    """Return the type of a time."""
    return sa.DateTime(timezone=True)


def own(table: str) -> list[sa.Column[object] | sa.Constraint]:
    """Return the columns that both tables have."""
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", moment(), server_default=sa.text("now()"), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f(f"fk_{table}_project_id_project"), ondelete="CASCADE"
        ),
    ]


def upgrade() -> None:
    """Create the tables and columns."""
    json = postgresql.JSONB(astext_type=sa.Text())
    op.create_table(
        "receipt",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("document", json, nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("objects", json, nullable=False),
        sa.Column("removed_at", moment(), nullable=True),
        *own("receipt"),
    )
    op.create_table(
        "legal_hold",
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("placed_by", sa.String(length=200), nullable=False),
        sa.Column("released_by", sa.String(length=200), nullable=True),
        sa.Column("released_at", moment(), nullable=True),
        *own("legal_hold"),
    )
    for table in ("receipt", "legal_hold"):
        for column in ("project_id", "subject"):
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.create_index("ix_receipt_waiting", "receipt", ["created_at"], postgresql_where=sa.text("removed_at IS NULL"))
    op.create_table(
        "artifact_use",
        *(
            column
            for table in ("artifact", "audit")
            for column in (
                sa.Column(f"{table}_id", sa.Uuid(), nullable=False),
                sa.ForeignKeyConstraint(
                    [f"{table}_id"],
                    [f"{table}.id"],
                    name=op.f(f"fk_artifact_use_{table}_id_{table}"),
                    ondelete="CASCADE",
                ),
            )
        ),
        sa.PrimaryKeyConstraint("artifact_id", "audit_id", name=op.f("pk_artifact_use")),
    )
    op.create_index(op.f("ix_artifact_use_audit_id"), "artifact_use", ["audit_id"])
    op.add_column("project", sa.Column("retention_days", sa.Integer(), nullable=True))
    op.add_column("project", sa.Column("deleted_at", moment(), nullable=True))


def downgrade() -> None:
    """Drop them. A resource whose row stayed after its deletion counts as rejected."""
    op.execute("UPDATE release SET state = 'refused' WHERE state = 'deleted'")
    op.execute("UPDATE dataset SET state = 'refused' WHERE state = 'deleted'")
    op.execute("UPDATE verifier SET state = 'refused' WHERE state = 'deleted'")
    op.drop_column("project", "deleted_at")
    op.drop_column("project", "retention_days")
    for name in ("artifact_use", "legal_hold", "receipt"):
        op.drop_table(name)
