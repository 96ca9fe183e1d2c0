"""Jobs know the kind of their device, and projects have a limit of seconds on GPUs."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. No query looks for jobs by their start any more."""
    op.add_column("job", sa.Column("device", sa.String(20)))
    op.add_column("project_limit", sa.Column("device_seconds", sa.BigInteger()))
    op.create_check_constraint(op.f("ck_project_limit_device_seconds"), "project_limit", "device_seconds >= 0")
    op.drop_index("ix_job_started_at", table_name="job")


def downgrade() -> None:
    """Drop them."""
    op.create_index("ix_job_started_at", "job", ["started_at"])
    op.drop_constraint(op.f("ck_project_limit_device_seconds"), "project_limit")
    op.drop_column("project_limit", "device_seconds")
    op.drop_column("job", "device")
