"""Indexes from which a claim reads the oldest job of each project in the queue."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

OWNERS = {"ix_job_next_stage": "audit_id IS NOT NULL", "ix_job_next_check": "audit_id IS NULL"}


def upgrade() -> None:
    """Add the indexes."""
    for name, owner in OWNERS.items():
        queued = sa.text(f"state = 'queued' AND {owner}")
        op.create_index(name, "job", ["project_id", "id"], postgresql_where=queued)


def downgrade() -> None:
    """Drop them."""
    for name in OWNERS:
        op.drop_index(name, "job")
