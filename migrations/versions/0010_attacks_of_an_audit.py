"""The attack of a plan that made a reconstruction. Until this revision a plan had one attack.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BEFORE = "uq_reconstruction_audit_id_source_identity_seed_restart"
AFTER = "uq_reconstruction_audit_id_source_attack_identity_seed_restart"


def upgrade() -> None:
    """Existing reconstructions are of the first attack."""
    op.add_column("reconstruction", sa.Column("attack", sa.Integer(), server_default="0", nullable=False))
    op.drop_constraint(op.f(BEFORE), "reconstruction", type_="unique")
    columns = ["audit_id", "source", "attack", "identity", "seed", "restart"]
    op.create_unique_constraint(op.f(AFTER), "reconstruction", columns)


def downgrade() -> None:
    """Drop the reconstructions of all attacks but the first.

    An older version cannot tell them apart.
    """
    op.execute("DELETE FROM reconstruction WHERE attack > 0")
    op.drop_constraint(op.f(AFTER), "reconstruction", type_="unique")
    op.create_unique_constraint(op.f(BEFORE), "reconstruction", ["audit_id", "source", "identity", "seed", "restart"])
    op.drop_column("reconstruction", "attack")
