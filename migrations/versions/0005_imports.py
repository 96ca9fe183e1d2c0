"""Uploads of verifiers, and imports: files that the service fetches from an address.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ONE_SUBJECT = "ck_upload_one_subject"


def upgrade() -> None:
    """Add an address and a verifier to uploads."""
    op.add_column("upload", sa.Column("address", sa.String(length=1000), nullable=True))
    op.add_column("upload", sa.Column("verifier_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_upload_verifier_id_verifier"), "upload", "verifier", ["verifier_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_upload_verifier_id"), "upload", ["verifier_id"], unique=False)
    op.drop_constraint(op.f(ONE_SUBJECT), "upload", type_="check")
    op.create_check_constraint(op.f(ONE_SUBJECT), "upload", "num_nonnulls(release_id, dataset_id, verifier_id) = 1")


def downgrade() -> None:
    """Delete imports and uploads of verifiers. Their files are swept away as orphans."""
    op.execute("DELETE FROM upload WHERE verifier_id IS NOT NULL OR address IS NOT NULL")
    op.drop_constraint(op.f(ONE_SUBJECT), "upload", type_="check")
    op.create_check_constraint(op.f(ONE_SUBJECT), "upload", "(release_id IS NULL) != (dataset_id IS NULL)")
    op.drop_index(op.f("ix_upload_verifier_id"), "upload")
    op.drop_constraint(op.f("fk_upload_verifier_id_verifier"), "upload", type_="foreignkey")
    op.drop_column("upload", "verifier_id")
    op.drop_column("upload", "address")
