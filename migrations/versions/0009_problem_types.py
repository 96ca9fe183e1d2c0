"""Stored problems name their kind by an address of this service, not of another domain.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("audit", "job", "release", "dataset", "verifier", "upload")
EARLIER, PRESENT = "https://exhume.dev/problems/", "/problems/"


def upgrade() -> None:
    """Replace the part before the code."""
    for table in TABLES:
        op.execute(_statement(table, "problem", "{type}", EARLIER, PRESENT))
    op.execute(_statement("job_event", "payload", "{problem,type}", EARLIER, PRESENT))


def downgrade() -> None:
    """Restore the part before the code."""
    for table in TABLES:
        op.execute(_statement(table, "problem", "{type}", PRESENT, EARLIER))
    op.execute(_statement("job_event", "payload", "{problem,type}", PRESENT, EARLIER))


def _statement(table: str, column: str, path: str, before: str, after: str) -> str:
    kind = f"{column}#>>'{path}'"
    exchanged = f"to_jsonb('{after}' || substr({kind}, {len(before) + 1}))"
    return (
        f"UPDATE {table} SET {column} = jsonb_set({column}, '{path}', {exchanged}) "  # noqa: S608 - constants alone
        f"WHERE starts_with({kind}, '{before}')"
    )
