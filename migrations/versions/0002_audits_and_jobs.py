"""Audits, their jobs and their results.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create audits, jobs, events, reconstructions, scores and outcomes."""
    op.create_table(
        "audit",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("public_dataset_id", sa.Uuid(), nullable=False),
        sa.Column("private_dataset_id", sa.Uuid(), nullable=True),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("plan_digest", sa.String(length=80), nullable=False),
        sa.Column("declared_by", sa.String(length=200), nullable=False),
        sa.Column("declaration", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), server_default="queued", nullable=False),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("estimate", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("evidence_level", sa.String(length=20), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("risk", sa.Float(), nullable=True),
        sa.Column("risk_low", sa.Float(), nullable=True),
        sa.Column("risk_high", sa.Float(), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("frozen_digest", sa.String(length=80), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delete_images_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["private_dataset_id"], ["dataset.id"], name=op.f("fk_audit_private_dataset_id_dataset")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_audit_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["public_dataset_id"], ["dataset.id"], name=op.f("fk_audit_public_dataset_id_dataset")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_audit_release_id_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_project_id"), "audit", ["project_id"], unique=False)
    op.create_index(op.f("ix_audit_release_id"), "audit", ["release_id"], unique=False)
    op.create_table(
        "identity_outcome",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("identity", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=True),
        sa.Column("control_verified", sa.Boolean(), nullable=True),
        sa.Column("evaluator_top1", sa.Boolean(), nullable=True),
        sa.Column("evaluator_top5", sa.Boolean(), nullable=True),
        sa.Column("target_top1", sa.Boolean(), nullable=True),
        sa.Column("similarity", sa.Float(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audit.id"], name=op.f("fk_identity_outcome_audit_id_audit"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_identity_outcome_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("audit_id", "identity", name=op.f("pk_identity_outcome")),
    )
    op.create_table(
        "job",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.String(length=30), nullable=False),
        sa.Column("shard", sa.Integer(), server_default="0", nullable=False),
        sa.Column("shards", sa.Integer(), server_default="1", nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=200), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("estimate_seconds", sa.Float(), nullable=True),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("peak_memory_bytes", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'queued', 'running', 'succeeded', 'failed', 'cancelled')", name=op.f("ck_job_state")
        ),
        sa.CheckConstraint("(audit_id IS NULL) != (subject_id IS NULL)", name=op.f("ck_job_one_owner")),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_job_audit_id_audit"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_job_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("audit_id", "stage", "shard", name=op.f("uq_job_audit_id_stage_shard")),
    )
    op.create_index(op.f("ix_job_audit_id"), "job", ["audit_id"], unique=False)
    op.create_index(
        "ix_job_open",
        "job",
        ["state", "lease_until"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index(op.f("ix_job_project_id"), "job", ["project_id"], unique=False)
    op.create_table(
        "reconstruction",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("identity", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("restart", sa.Integer(), nullable=False),
        sa.Column("submitted", sa.Boolean(), nullable=False),
        sa.Column("sealed_image", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("target_score", sa.Float(), nullable=True),
        sa.Column("target_confidence", sa.Float(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audit.id"], name=op.f("fk_reconstruction_audit_id_audit"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_reconstruction_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconstruction")),
        sa.UniqueConstraint(
            "audit_id",
            "source",
            "identity",
            "seed",
            "restart",
            name=op.f("uq_reconstruction_audit_id_source_identity_seed_restart"),
        ),
    )
    op.create_index(op.f("ix_reconstruction_audit_id"), "reconstruction", ["audit_id"], unique=False)
    op.create_table(
        "job_event",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audit.id"], name=op.f("fk_job_event_audit_id_audit"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_event_job_id_job"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_job_event_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("audit_id", "seq", name=op.f("pk_job_event")),
    )
    op.create_table(
        "score",
        sa.Column("reconstruction_id", sa.Uuid(), nullable=False),
        sa.Column("judge", sa.String(length=100), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=True),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("nearest_reference", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_score_audit_id_audit"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_score_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reconstruction_id"],
            ["reconstruction.id"],
            name=op.f("fk_score_reconstruction_id_reconstruction"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("reconstruction_id", "judge", name=op.f("pk_score")),
    )
    op.create_index(op.f("ix_score_audit_id"), "score", ["audit_id"], unique=False)


def downgrade() -> None:
    """Drop the tables, each before those that it refers to."""
    for table in ("score", "job_event", "reconstruction", "job", "identity_outcome", "audit"):
        op.drop_table(table)
