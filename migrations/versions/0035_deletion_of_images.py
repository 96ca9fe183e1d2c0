"""Index from which retention reads the audits whose images are to be deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

NAME = "ix_audit_delete_images_at"


def upgrade() -> None:
    """Add the index."""
    op.create_index(NAME, "audit", ["delete_images_at"], postgresql_where=sa.text("images_deleted_at IS NULL"))


def downgrade() -> None:
    """Drop it."""
    op.drop_index(NAME, "audit")
