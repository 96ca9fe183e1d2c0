"""Deletion of policies: a deleted one gives its name back, and keeps versions and decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

NAME = "uq_policy_project_id_name"


def upgrade() -> None:
    """Add the time of the deletion. Names are unique among the policies that are not deleted."""
    op.add_column("policy", sa.Column("deleted_at", sa.DateTime(timezone=True)))
    op.create_check_constraint(op.f("ck_policy_deleted"), "policy", "deleted_at IS NULL OR default_since IS NULL")
    op.drop_constraint(NAME, "policy", type_="unique")
    op.create_index(op.f("ix_policy_project_id"), "policy", ["project_id"])
    op.create_index(NAME, "policy", ["project_id", "name"], unique=True, postgresql_where=sa.text("deleted_at IS NULL"))


def downgrade() -> None:
    """Give deleted policies names of their own, and drop the column."""
    op.drop_index(NAME, "policy")
    op.drop_index(op.f("ix_policy_project_id"), "policy")
    op.execute("UPDATE policy SET name = left(name, 60) || ' ' || id WHERE deleted_at IS NOT NULL")
    op.create_unique_constraint(NAME, "policy", ["project_id", "name"])
    op.drop_constraint(op.f("ck_policy_deleted"), "policy", type_="check")
    op.drop_column("policy", "deleted_at")
