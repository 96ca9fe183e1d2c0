"""Invitations say whether they were sent by e-mail, and why not."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both."""
    op.add_column("invitation", sa.Column("mailed_at", sa.DateTime(timezone=True)))
    op.add_column("invitation", sa.Column("mail_problem", sa.Text()))


def downgrade() -> None:
    """Drop both."""
    op.drop_column("invitation", "mail_problem")
    op.drop_column("invitation", "mailed_at")
