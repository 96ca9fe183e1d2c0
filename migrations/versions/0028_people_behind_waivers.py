"""The people behind whoever asked for a waiver, who must not approve it.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Waivers that were asked for before name the asker alone."""
    names: sa.Column[list[str]] = sa.Column("asked_for_by", sa.ARRAY(sa.String()), server_default="{}", nullable=False)
    op.add_column("waiver", names)
    op.execute("UPDATE waiver SET asked_for_by = ARRAY[asked_by]")


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("waiver", "asked_for_by")
