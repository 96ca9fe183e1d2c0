"""Webhooks and their deliveries.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def json() -> postgresql.JSONB:
    """Return the type of a document."""
    return postgresql.JSONB(astext_type=sa.Text())


def moment() -> sa.DateTime:
    """Return the type of a time."""
    return sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "webhook",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("shown", sa.String(length=1000), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("events", json(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", moment(), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("format IN ('standard', 'slack', 'email')", name=op.f("ck_webhook_format")),
        sa.CheckConstraint(
            "(format = 'standard') = (sealed_secret IS NOT NULL)", name=op.f("ck_webhook_sealed_secret")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_webhook_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_webhook_project_id_name")),
    )
    op.create_index(op.f("ix_webhook_project_id"), "webhook", ["project_id"], unique=False)
    op.create_table(
        "webhook_delivery",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=True),
        sa.Column("replay_of", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("payload", json(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", moment(), nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("finished_at", moment(), nullable=True),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", moment(), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'delivered', 'failed')", name=op.f("ck_webhook_delivery_state")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_webhook_delivery_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_delivery_webhook_id_webhook"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notification.id"],
            name=op.f("fk_webhook_delivery_notification_id_notification"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["replay_of"],
            ["webhook_delivery.id"],
            name=op.f("fk_webhook_delivery_replay_of_webhook_delivery"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
    )
    once = sa.text("replay_of IS NULL")
    op.create_index(
        "uq_webhook_delivery_webhook_id_notification_id",
        "webhook_delivery",
        ["webhook_id", "notification_id"],
        unique=True,
        postgresql_where=once,
    )
    op.create_index(op.f("ix_webhook_delivery_notification_id"), "webhook_delivery", ["notification_id"], unique=False)
    op.create_index(op.f("ix_webhook_delivery_replay_of"), "webhook_delivery", ["replay_of"], unique=False)
    pending = sa.text("state = 'pending'")
    op.create_index("ix_webhook_delivery_next_at", "webhook_delivery", ["next_at"], postgresql_where=pending)


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
