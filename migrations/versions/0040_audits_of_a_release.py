"""Indexes for the newest audit of a release and the audits with the highest risk."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

NEWEST, OLD, RISK = "ix_audit_newest_of_release", "ix_audit_release_id", "ix_audit_project_id_risk_id"


def upgrade() -> None:
    """Order the index on the release by time, and add one on risk."""
    op.create_index(NEWEST, "audit", ["release_id", sa.text("timezone('UTC', created_at)"), "id"])
    op.create_index(RISK, "audit", ["project_id", sa.text("coalesce(risk, '-Infinity'::float8)"), "id"])
    op.drop_index(OLD, "audit")


def downgrade() -> None:
    """Put the old index back."""
    op.create_index(OLD, "audit", ["release_id"])
    op.drop_index(NEWEST, "audit")
    op.drop_index(RISK, "audit")
