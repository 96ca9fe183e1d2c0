"""A renewed lease is not in an index, so a heartbeat changes the row of its job alone."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the running and the queued jobs of a project, not leases, and leave room in pages."""
    op.create_index("ix_job_running", "job", ["project_id"], postgresql_where=sa.text("state = 'running'"))
    op.create_index("ix_job_queued", "job", ["project_id", "id"], postgresql_where=sa.text("state = 'queued'"))
    op.drop_index("ix_job_open", table_name="job")
    op.execute("ALTER TABLE job SET (fillfactor = 70)")


def downgrade() -> None:
    """Index leases again."""
    op.execute("ALTER TABLE job RESET (fillfactor)")
    open_jobs = sa.text("state IN ('queued', 'running')")
    op.create_index("ix_job_open", "job", ["state", "lease_until"], postgresql_where=open_jobs)
    op.drop_index("ix_job_queued", table_name="job")
    op.drop_index("ix_job_running", table_name="job")
