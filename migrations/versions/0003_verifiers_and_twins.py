"""Uploaded verifiers, galleries, twins of a release, replays of an audit.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table, and columns that are empty in existing rows."""
    op.create_table(
        "verifier",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("convention", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("card", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("state", sa.String(length=20), server_default="awaiting_upload", nullable=False),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("object_key", sa.String(length=300), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("channels", sa.Integer(), nullable=True),
        sa.Column("dim", sa.Integer(), nullable=True),
        sa.Column("examination", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_verifier_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifier")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_verifier_project_id_name")),
    )
    op.create_index(op.f("ix_verifier_project_id"), "verifier", ["project_id"], unique=False)
    op.create_index(op.f("ix_verifier_sha256"), "verifier", ["sha256"], unique=False)
    op.add_column("release", sa.Column("twin_of", sa.Uuid(), nullable=True))
    op.add_column("release", sa.Column("replaced", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.create_foreign_key(
        op.f("fk_release_twin_of_release"), "release", "release", ["twin_of"], ["id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_release_twin_of"), "release", ["twin_of"], unique=False)
    for column in ("gallery_dataset_id", "twin_release_id", "replay_of"):
        op.add_column("audit", sa.Column(column, sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_audit_gallery_dataset_id_dataset"), "audit", "dataset", ["gallery_dataset_id"], ["id"]
    )
    op.create_foreign_key(op.f("fk_audit_twin_release_id_release"), "audit", "release", ["twin_release_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_audit_replay_of_audit"), "audit", "audit", ["replay_of"], ["id"], ondelete="SET NULL"
    )
    op.create_index(op.f("ix_audit_replay_of"), "audit", ["replay_of"], unique=False)


def downgrade() -> None:
    """Return to 0002. Galleries are deleted, because 0002 does not know the role."""
    for column in ("replay_of", "twin_release_id", "gallery_dataset_id"):
        op.drop_column("audit", column)
    for column in ("replaced", "twin_of"):
        op.drop_column("release", column)
    op.drop_table("verifier")
    op.execute("DELETE FROM dataset WHERE role = 'gallery'")
