"""Keys in tables of their own, so that no copy is left in rows that change.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
breaks_older = True


def moment() -> sa.DateTime:
    """Return the type of a time."""
    return sa.DateTime(timezone=True)


def own(table: str) -> list[sa.Column[object] | sa.Constraint]:
    """Return the columns that every table has."""
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", moment(), server_default=sa.text("now()"), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f(f"fk_{table}_project_id_project"), ondelete="CASCADE"
        ),
    ]


def upgrade() -> None:
    """Create the tables and move the keys of audits.

    Dropping a column leaves its values in the rows. CLUSTER writes the table again without them.
    """
    op.create_table(
        "project_key",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by", sa.String(length=40), nullable=False),
        *own("project_key"),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_project_key_project_id_number")),
    )
    op.create_table(
        "object_key",
        sa.Column("project_key_id", sa.Uuid(), nullable=True),
        sa.Column("object", sa.String(length=300), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        *own("object_key"),
        sa.ForeignKeyConstraint(
            ["project_key_id"],
            ["project_key.id"],
            name=op.f("fk_object_key_project_key_id_project_key"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("object", name=op.f("uq_object_key_object")),
    )
    for column in ("project_id", "project_key_id"):
        op.create_index(op.f(f"ix_object_key_{column}"), "object_key", [column])
    op.create_table(
        "destroyed_key",
        sa.Column("object", sa.String(length=300), nullable=False),
        sa.Column("destroyed_at", moment(), server_default=sa.text("now()"), nullable=False),
        sa.Column("erased_at", moment(), nullable=True),
        *own("destroyed_key"),
    )
    for column in ("project_id", "object"):
        op.create_index(op.f(f"ix_destroyed_key_{column}"), "destroyed_key", [column])
    for table in ("project_key", "object_key"):
        op.execute(f"ALTER TABLE {table} ALTER COLUMN wrapped SET STATISTICS 0")
    op.execute(
        "INSERT INTO object_key (project_id, object, wrapped) "
        "SELECT project_id, 'audits/' || id, sealed_key FROM audit WHERE sealed_key IS NOT NULL"
    )
    op.add_column("audit", sa.Column("images_deleted_at", moment(), nullable=True))
    op.execute("UPDATE audit SET images_deleted_at = delete_images_at WHERE sealed_key IS NULL")
    op.drop_column("audit", "sealed_key")
    op.execute("CLUSTER audit USING pk_audit")
    op.execute("ALTER TABLE audit SET WITHOUT CLUSTER")


def downgrade() -> None:
    """Move the keys of audits back and drop the tables.

    Keys that were wrapped by the key of a project are wrapped as before.
    """
    op.add_column("audit", sa.Column("sealed_key", sa.LargeBinary(), nullable=True))
    connection = op.get_bind()
    found = connection.execute(
        sa.text(
            "SELECT a.id, k.object, k.wrapped, k.project_key_id FROM object_key k JOIN audit a ON k.object = "
            "'audits/' || a.id"
        )
    ).all()
    for row in found:
        statement = sa.text("UPDATE audit SET sealed_key = :key WHERE id = :id")
        connection.execute(statement, {"key": as_before(connection, row), "id": row.id})
    op.drop_column("audit", "images_deleted_at")
    for table in ("destroyed_key", "object_key", "project_key"):
        op.drop_table(table)


def as_before(connection: sa.Connection, row: "sa.Row[tuple[object, str, bytes, object]]") -> bytes:
    """Return the key of an audit as versions without project keys store it."""
    if row.project_key_id is None:
        return bytes(row.wrapped)
    from sqlalchemy.orm import Session

    from app.kit.crypto import seal, subkey
    from app.vault.keys import OLD_CONTEXT, OLD_PURPOSE, find_key

    key = find_key(Session(connection), row.object)
    assert key is not None
    return seal(subkey(OLD_PURPOSE), key, OLD_CONTEXT)
