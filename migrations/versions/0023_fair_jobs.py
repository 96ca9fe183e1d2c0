"""Limits of projects, and jobs that wait for room.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, the index and the table."""
    op.add_column("job", sa.Column("setbacks", sa.Integer(), server_default="0", nullable=False))
    op.add_column("job", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_job_started_at", "job", ["started_at"])
    op.create_table(
        "project_limit",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=True),
        sa.Column("running_jobs", sa.Integer(), nullable=True),
        sa.Column("running_checks", sa.Integer(), nullable=True),
        sa.Column("open_jobs", sa.Integer(), nullable=True),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=True),
        sa.Column("requests_per_minute", sa.Integer(), nullable=True),
        sa.Column("processor_seconds", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.String(length=200), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("weight > 0", name=op.f("ck_project_limit_weight")),
        sa.CheckConstraint(
            "running_jobs > 0 AND running_checks > 0 AND open_jobs > 0", name=op.f("ck_project_limit_jobs")
        ),
        sa.CheckConstraint(
            "stored_bytes >= 0 AND requests_per_minute > 0 AND processor_seconds >= 0",
            name=op.f("ck_project_limit_amounts"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_limit_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_limit")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("project_limit")
    op.drop_index("ix_job_started_at", table_name="job")
    op.drop_column("job", "not_before")
    op.drop_column("job", "setbacks")
