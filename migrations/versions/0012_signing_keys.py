"""Signing keys of the service.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "signing_key",
        sa.Column("key_id", sa.String(length=80), nullable=False),
        sa.Column("pem", sa.String(length=1000), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("sealed_private", sa.LargeBinary(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("active", name=op.f("ck_signing_key_active")),
        sa.CheckConstraint("(active IS NULL) = (sealed_private IS NULL)", name=op.f("ck_signing_key_sealed_private")),
        sa.CheckConstraint("(active IS NULL) = (retired_at IS NOT NULL)", name=op.f("ck_signing_key_retired_at")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("active", name=op.f("uq_signing_key_active")),
        sa.UniqueConstraint("key_id", name=op.f("uq_signing_key_key_id")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("signing_key")
