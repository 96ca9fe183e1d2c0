"""The curve of a search: a bounded number of points of each job that attacks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("job", sa.Column("curve", JSONB(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("job", "curve")
