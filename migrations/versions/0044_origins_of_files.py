"""Releases and data sets say where their file came from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column to both."""
    for table in ("release", "dataset"):
        op.add_column(table, sa.Column("origin", JSONB()))


def downgrade() -> None:
    """Drop it."""
    for table in ("dataset", "release"):
        op.drop_column(table, "origin")
