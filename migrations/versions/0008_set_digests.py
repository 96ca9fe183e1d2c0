"""Digests and notes of existing data sets, from their stored files and intake jobs.

Revision ID: 0008
Revises: 0007
"""

from collections.abc import Sequence

import sqlalchemy as sa
import structlog
from alembic import op

from app.datasets.packed import PackedError, read_contents
from app.datasets.set_digest import set_digest
from app.storage import store
from app.storage.store import MissingObjectError

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

log = structlog.get_logger(__name__)

WITHOUT_DIGEST = sa.text(
    "SELECT id, object_key, images_digest, identities FROM dataset "
    "WHERE state = 'ready' AND digest IS NULL AND object_key IS NOT NULL ORDER BY id"
)
SET_DIGEST = sa.text("UPDATE dataset SET digest = :digest WHERE id = :id AND digest IS NULL")
SET_NOTES = """
UPDATE dataset SET notes = job.result->'notes' FROM job
WHERE job.subject_id = dataset.id AND job.stage = 'intake_dataset' AND job.state = 'succeeded'
AND jsonb_typeof(job.result->'notes') = 'array' AND dataset.state = 'ready' AND dataset.notes IS NULL
"""


def upgrade() -> None:
    """Process each set separately outside a transaction.

    Reading gigabytes must not keep the tables locked. A second run continues with the sets that
    have no digest. A set whose file is missing, damaged or different from the checked one gets no
    digest.
    """
    op.execute(SET_NOTES)
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        for row in connection.execute(WITHOUT_DIGEST).all():
            digest = _digest(row.object_key, row.images_digest, row.identities or [])
            if digest is None:
                log.warning("migration.no_set_digest", dataset=str(row.id), object_key=row.object_key)
            else:
                connection.execute(SET_DIGEST, {"id": row.id, "digest": digest})


def downgrade() -> None:
    """Keep the digests, which are correct. 0007 drops them with their column."""


def _digest(key: str, images_digest: str | None, names: Sequence[str]) -> str | None:
    try:
        with store().as_file(key) as path:
            contents = read_contents(path)
    except (MissingObjectError, PackedError):
        return None
    return set_digest(contents, names) if contents.images_digest == images_digest else None
