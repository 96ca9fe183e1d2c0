"""Workers register their device, and jobs the memory that they need."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

NODE = ("device", "memory_bytes", "problem")
JOB = ("needs_bytes",)


def upgrade() -> None:
    """Add the columns. Workers of an older version leave them empty."""
    op.add_column("worker_node", sa.Column("device", JSONB()))
    op.add_column("worker_node", sa.Column("memory_bytes", sa.BigInteger()))
    op.add_column("worker_node", sa.Column("problem", sa.Text()))
    op.add_column("job", sa.Column("needs_bytes", sa.BigInteger()))


def downgrade() -> None:
    """Drop the columns."""
    for table, names in (("job", JOB), ("worker_node", NODE)):
        for name in names:
            op.drop_column(table, name)
