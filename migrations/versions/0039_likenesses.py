"""The images and identities that a verifier finds most similar to a submission."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Scores that exist have none of them."""
    op.add_column("score", sa.Column("details", JSONB(), nullable=False, server_default="{}"))


def downgrade() -> None:
    """Drop it, and the scores of reconstructions that were not submitted."""
    op.execute(
        "DELETE FROM score USING reconstruction "
        "WHERE reconstruction.id = score.reconstruction_id AND NOT reconstruction.submitted"
    )
    op.drop_column("score", "details")
