"""Invitations are sent by e-mail from a queue: the sealed link, the attempts and the next one."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

DUE = "ix_invitation_mail_next_at"


def upgrade() -> None:
    """Add the columns of the queue, and an index of what waits in it."""
    op.add_column("invitation", sa.Column("mail_link", sa.LargeBinary()))
    op.add_column("invitation", sa.Column("mail_attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("invitation", sa.Column("mail_next_at", sa.DateTime(timezone=True)))
    op.create_index(DUE, "invitation", ["mail_next_at"], postgresql_where=sa.text("mail_next_at IS NOT NULL"))


def downgrade() -> None:
    """Drop them. Messages that wait are not sent."""
    op.drop_index(DUE, "invitation")
    op.drop_column("invitation", "mail_next_at")
    op.drop_column("invitation", "mail_attempts")
    op.drop_column("invitation", "mail_link")
