"""State of a release's uploaded file: identical to the checked copy, kept or deleted.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEPT = "(original_key IS NOT NULL) = (original IS NOT DISTINCT FROM 'kept')"


def upgrade() -> None:
    """Mark originals as deleted, or as identical where the checked copy has the same digest.

    Until this revision every original was deleted.
    """
    op.add_column("release", sa.Column("original", sa.String(length=20), nullable=True))
    op.add_column("release", sa.Column("original_key", sa.String(length=300), nullable=True))
    op.add_column("release", sa.Column("original_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_release_original_until"), "release", ["original_until"], unique=False)
    op.execute(
        "UPDATE release SET original = CASE WHEN examination->>'checkpoint_sha256' = sha256 THEN 'identical' "
        "ELSE 'deleted' END WHERE state = 'ready'"
    )
    op.create_check_constraint(
        op.f("ck_release_original"), "release", "original IN ('identical', 'kept', 'deleted', 'not_sent')"
    )
    op.create_check_constraint(op.f("ck_release_original_key"), "release", KEPT)


def downgrade() -> None:
    """Drop kept originals. Their files are swept away as orphans."""
    op.drop_constraint(op.f("ck_release_original_key"), "release", type_="check")
    op.drop_constraint(op.f("ck_release_original"), "release", type_="check")
    op.drop_index(op.f("ix_release_original_until"), "release")
    op.drop_column("release", "original_until")
    op.drop_column("release", "original_key")
    op.drop_column("release", "original")
