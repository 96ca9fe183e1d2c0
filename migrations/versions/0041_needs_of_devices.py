"""Jobs can need a kind of device."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Jobs that are there run on any device."""
    op.add_column("job", sa.Column("needs_device", sa.String(20)))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("job", "needs_device")
