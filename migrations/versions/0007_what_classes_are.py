"""Kind and confirmed order of a release's classes, and digest and notes of a data set.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KINDS = "classes_are IN ('person', 'writer', 'object', 'condition', 'other')"


def upgrade() -> None:
    """Add the columns.

    Classes of existing releases are persons, as they were described everywhere.
    """
    op.add_column("release", sa.Column("classes_are", sa.String(length=20), server_default="person", nullable=False))
    op.add_column(
        "release", sa.Column("class_order_confirmed", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_check_constraint(op.f("ck_release_classes_are"), "release", KINDS)
    op.add_column("dataset", sa.Column("digest", sa.String(length=80), nullable=True))
    op.add_column("dataset", sa.Column("notes", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.create_index(op.f("ix_dataset_digest"), "dataset", ["digest"], unique=False)


def downgrade() -> None:
    """Drop the columns."""
    op.drop_index(op.f("ix_dataset_digest"), "dataset")
    op.drop_column("dataset", "notes")
    op.drop_column("dataset", "digest")
    op.drop_constraint(op.f("ck_release_classes_are"), "release", type_="check")
    op.drop_column("release", "class_order_confirmed")
    op.drop_column("release", "classes_are")
