"""Schedules and their runs.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATES = "'due', 'started', 'succeeded', 'failed', 'cancelled', 'skipped'"


def json() -> postgresql.JSONB:
    """Return the type of a document."""
    return postgresql.JSONB(astext_type=sa.Text())


def moment() -> sa.DateTime:
    """Return the type of a time."""
    return sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "schedule",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("cron", sa.String(length=100), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("audit", json(), nullable=False),
        sa.Column("catch_up", sa.String(length=10), server_default="once", nullable=False),
        sa.Column("jitter_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("repeat_after_days", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("next_at", moment(), nullable=True),
        sa.Column("last_due_at", moment(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", json(), nullable=True),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", moment(), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("catch_up IN ('once', 'none')", name=op.f("ck_schedule_catch_up")),
        sa.CheckConstraint("active = (next_at IS NOT NULL)", name=op.f("ck_schedule_next_at")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_schedule_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["target.id"], name=op.f("fk_schedule_target_id_target"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_schedule_project_id_name")),
    )
    op.create_index(op.f("ix_schedule_project_id"), "schedule", ["project_id"], unique=False)
    op.create_index(op.f("ix_schedule_target_id"), "schedule", ["target_id"], unique=False)
    op.create_index("ix_schedule_next_at", "schedule", ["next_at"], postgresql_where=sa.text("active"))
    op.create_table(
        "schedule_run",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", moment(), nullable=False),
        sa.Column("trigger", sa.String(length=10), nullable=False),
        sa.Column("missed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=10), server_default="due", nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("problem", json(), nullable=True),
        sa.Column("release_id", sa.Uuid(), nullable=True),
        sa.Column("audit_id", sa.Uuid(), nullable=True),
        sa.Column("finished_at", moment(), nullable=True),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", moment(), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_schedule_run_state")),
        sa.CheckConstraint("trigger IN ('cron', 'manual', 'source')", name=op.f("ck_schedule_run_trigger")),
        sa.CheckConstraint("(state = 'skipped') = (reason IS NOT NULL)", name=op.f("ck_schedule_run_reason")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_schedule_run_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedule.id"], name=op.f("fk_schedule_run_schedule_id_schedule"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_schedule_run_release_id_release"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audit.id"], name=op.f("fk_schedule_run_audit_id_audit"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_run")),
        sa.UniqueConstraint("schedule_id", "due_at", name=op.f("uq_schedule_run_schedule_id_due_at")),
    )
    op.create_index(op.f("ix_schedule_run_audit_id"), "schedule_run", ["audit_id"], unique=False)
    waiting, started = sa.text("state = 'due'"), sa.text("state = 'started'")
    op.create_index("ix_schedule_run_due", "schedule_run", ["due_at", "id"], postgresql_where=waiting)
    op.create_index("ix_schedule_run_started", "schedule_run", ["project_id"], postgresql_where=started)


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("schedule_run")
    op.drop_table("schedule")
