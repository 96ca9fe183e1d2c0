"""Reconstructions have a film of their search."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the picture and its steps."""
    op.add_column("reconstruction", sa.Column("sealed_film", sa.LargeBinary()))
    op.add_column("reconstruction", sa.Column("film_steps", JSONB()))


def downgrade() -> None:
    """Drop both."""
    op.drop_column("reconstruction", "film_steps")
    op.drop_column("reconstruction", "sealed_film")
