"""Blind line-ups: items, reviews and answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

Parts = tuple[sa.Column[object] | sa.Constraint, ...]
LINE_UP, ITEM, REVIEW, ANSWER = (f"blind_line_up{end}" for end in ("", "_item", "_review", "_answer"))
INDEXES = (
    (LINE_UP, "project_id"),
    (LINE_UP, "audit_id"),
    (ITEM, "project_id"),
    (ITEM, "reconstruction_id"),
    (REVIEW, "project_id"),
    (ANSWER, "project_id"),
    (ANSWER, "item_id"),
)
UNBOUND = "(SELECT coalesce(current_setting('exhume.subject', true), '') = '')"
OURS = "project_id = ANY ((SELECT bound_projects())::uuid[])"


def moment() -> sa.DateTime:
    """Return the type of a time."""
    return sa.DateTime(timezone=True)


def identified(table: str) -> Parts:
    """Return the columns of every table with an id."""
    return (
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", moment(), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def refers(table: str, column: str, to: str, *, nullable: bool = False) -> Parts:
    """Return a column that refers to the id of another table."""
    name = op.f(f"fk_{table}_{column}_{to}")
    return (
        sa.Column(column, sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete="CASCADE"),
    )


def upgrade() -> None:
    """Create the tables and their policies."""
    op.create_table(
        LINE_UP,
        *refers(LINE_UP, "project_id", "project"),
        *refers(LINE_UP, "audit_id", "audit"),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("erased_items", sa.Integer(), server_default="0", nullable=False),
        *identified(LINE_UP),
    )
    op.create_table(
        ITEM,
        *refers(ITEM, "project_id", "project"),
        *refers(ITEM, "line_up_id", LINE_UP),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("identity", sa.Integer(), nullable=False),
        *refers(ITEM, "reconstruction_id", "reconstruction", nullable=True),
        sa.Column("photograph", sa.Integer(), nullable=True),
        sa.Column("candidates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("answer", sa.Integer(), nullable=False),
        *identified(ITEM),
        sa.UniqueConstraint("line_up_id", "number", name=op.f(f"uq_{ITEM}_line_up_id_number")),
    )
    op.create_table(
        REVIEW,
        *refers(REVIEW, "project_id", "project"),
        *refers(REVIEW, "line_up_id", LINE_UP),
        sa.Column("reviewer", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=500), nullable=True),
        sa.Column("shown", sa.Integer(), nullable=True),
        *(sa.Column(name, moment(), nullable=True) for name in ("shown_at", "finished_at", "results_read_at")),
        *identified(REVIEW),
        sa.UniqueConstraint("line_up_id", "reviewer", name=op.f(f"uq_{REVIEW}_line_up_id_reviewer")),
    )
    op.create_table(
        ANSWER,
        *refers(ANSWER, "review_id", REVIEW),
        *refers(ANSWER, "item_id", ITEM),
        *refers(ANSWER, "project_id", "project"),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", "item_id", name=op.f(f"pk_{ANSWER}")),
    )
    for table, column in INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    for table in (LINE_UP, ITEM, REVIEW, ANSWER):
        op.execute(f"CREATE POLICY tenant ON {table} USING ({UNBOUND} OR {OURS})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Drop them."""
    for table in (ANSWER, REVIEW, ITEM, LINE_UP):
        op.drop_table(table)
