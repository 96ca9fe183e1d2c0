"""An erasure of an identity may put a pseudonym into decisions, which nothing else edits."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN{exception}
    RAISE EXCEPTION 'rows of % are never edited', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
"""
ERASURE = """
    IF TG_TABLE_NAME = 'decision' AND current_setting('exhume.erasing', true) = 'yes' THEN
        RETURN NEW;
    END IF;"""


def upgrade() -> None:
    """Let a transaction that says so edit decisions."""
    op.execute(FUNCTION.format(exception=ERASURE))


def downgrade() -> None:
    """Reject every edit."""
    op.execute(FUNCTION.format(exception=""))
