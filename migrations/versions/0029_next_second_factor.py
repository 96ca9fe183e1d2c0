"""A new second factor waits for its first code beside the present one."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and move secrets there that no code has confirmed."""
    op.add_column("person", sa.Column("sealed_next_totp", sa.LargeBinary()))
    op.execute(
        "UPDATE person SET sealed_next_totp = sealed_totp, sealed_totp = NULL "
        "WHERE sealed_totp IS NOT NULL AND totp_confirmed_at IS NULL"
    )


def downgrade() -> None:
    """Drop the column. Secrets that no code has confirmed are lost."""
    op.drop_column("person", "sealed_next_totp")
