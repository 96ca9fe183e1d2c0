"""Sizes of checked copies, and room reserved for files that are being received.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

OWNERS = ("release", "dataset", "verifier")


def upgrade() -> None:
    """Add the columns and the table. Older copies count as they were sent."""
    for table in OWNERS:
        op.add_column(table, sa.Column("stored_bytes", sa.BigInteger(), nullable=True))
    op.create_table(
        "reservation",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_reservation_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
    )
    op.create_index(op.f("ix_reservation_project_id"), "reservation", ["project_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("reservation")
    for table in OWNERS:
        op.drop_column(table, "stored_bytes")
