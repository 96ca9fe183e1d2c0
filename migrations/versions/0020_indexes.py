"""Indexes of foreign keys, and of lists in the order of their pages."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

OF_FOREIGN_KEYS = {
    "audit": ("gallery_dataset_id", "private_dataset_id", "public_dataset_id", "twin_release_id"),
    "browser_session": ("api_key_id", "project_id"),
    "identity_outcome": ("project_id",),
    "job_event": ("job_id", "project_id"),
    "reconstruction": ("project_id",),
    "schedule_run": ("project_id", "release_id"),
    "score": ("project_id",),
    "source_change": ("project_id",),
    "webhook_delivery": ("project_id", "webhook_id"),
}
OF_LISTS = {
    "audit": (("project_id", "created_at", "id"), ("created_at", "id")),
    "release": (("project_id", "created_at", "id"), ("target_id", "created_at", "id")),
}
REPLACED = {"audit": ("project_id",), "release": ("project_id", "target_id")}
"""Columns with an index of their own, which the indexes of lists begin with."""


def upgrade() -> None:
    """Create the indexes."""
    for table, columns in OF_FOREIGN_KEYS.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    for table, lists in OF_LISTS.items():
        for ordered in lists:
            op.create_index(f"ix_{table}_{'_'.join(ordered)}", table, list(ordered))
    for table, columns in REPLACED.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table)


def downgrade() -> None:
    """Drop the indexes."""
    for table, columns in REPLACED.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    for table, lists in OF_LISTS.items():
        for ordered in lists:
            op.drop_index(f"ix_{table}_{'_'.join(ordered)}", table)
    for table, columns in OF_FOREIGN_KEYS.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table)
