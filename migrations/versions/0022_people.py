"""Organisations, people, memberships and invitations; keys and sessions of people.

Existing projects belong to the organisation `default`.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
breaks_older = True

ROLES = "role IN ('viewer', 'auditor', 'approver', 'administrator')"
API_KEY = {
    "organisation_id": ("organisation", "CASCADE"),
    "person_id": ("person", "CASCADE"),
    "membership_id": ("membership", "SET NULL"),
    "parent_id": ("api_key", "SET NULL"),
}
BROWSER_SESSION = {
    "organisation_id": ("organisation", "CASCADE"),
    "person_id": ("person", "CASCADE"),
    "membership_id": ("membership", "CASCADE"),
}


def moment() -> sa.DateTime:
    """Return the type of a time."""
    return sa.DateTime(timezone=True)


def identified(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """Return the columns that every table shares, and the primary key."""
    return (
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", moment(), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def owned(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """Return the columns for an organisation and optionally one of its projects."""
    return (
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f(f"fk_{table}_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f(f"fk_{table}_project_id_project"), ondelete="CASCADE"
        ),
    )


def refer(table: str, column: str, other: str, gone: str) -> None:
    """Add an indexed column that refers to another table."""
    op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f(f"fk_{table}_{column}_{other}"), table, other, [column], ["id"], ondelete=gone)
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def upgrade() -> None:
    """Create the tables, and give the projects to the organisation `default`."""
    people()
    projects()
    for column, (other, gone) in API_KEY.items():
        refer("api_key", column, other, gone)
    op.add_column("api_key", sa.Column("created_by", sa.String(length=200), nullable=True))
    op.execute(
        "UPDATE api_key SET organisation_id = project.organisation_id FROM project WHERE project.id = project_id"
    )
    op.create_check_constraint(
        op.f("ck_api_key_organisation"), "api_key", "project_id IS NULL OR organisation_id IS NOT NULL"
    )
    for column, (other, gone) in BROWSER_SESSION.items():
        refer("browser_session", column, other, gone)
    method = sa.Column("method", sa.String(length=20), server_default="link", nullable=False)
    op.add_column("browser_session", method)
    op.add_column("browser_session", sa.Column("address", sa.String(length=64), nullable=True))
    op.execute("UPDATE browser_session SET method = 'key' WHERE api_key_id IS NOT NULL")
    op.execute("UPDATE browser_session SET subject = 'operator' WHERE api_key_id IS NULL")
    op.execute(
        "UPDATE browser_session SET organisation_id = project.organisation_id FROM project "
        "WHERE project.id = project_id"
    )
    refer("sign_in_link", "person_id", "person", "CASCADE")
    op.add_column("audit_log_entry", sa.Column("actor_kind", sa.String(length=10), nullable=True))
    for column in ("organisation_id", "person_id", "key_id"):
        op.add_column("audit_log_entry", sa.Column(column, sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_audit_log_entry_organisation_id"), "audit_log_entry", ["organisation_id"])


def people() -> None:
    """Create the tables of organisations and people."""
    op.create_table(
        "organisation",
        sa.Column("name", sa.String(length=100), nullable=False),
        *identified("organisation"),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_table(
        "person",
        sa.Column("email", sa.String(length=90), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("sealed_totp", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", moment(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("oidc_issuer", sa.String(length=300), nullable=True),
        sa.Column("oidc_subject", sa.String(length=300), nullable=True),
        sa.Column("disabled_at", moment(), nullable=True),
        *identified("person"),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("oidc_issuer", "oidc_subject", name=op.f("uq_person_oidc_issuer_oidc_subject")),
    )
    op.create_table(
        "membership",
        *owned("membership"),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        *identified("membership"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person"), ondelete="CASCADE"
        ),
        sa.CheckConstraint(ROLES, name=op.f("ck_membership_role")),
        sa.UniqueConstraint(
            "person_id",
            "organisation_id",
            "project_id",
            name=op.f("uq_membership_person_id_organisation_id_project_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "invitation",
        *owned("invitation"),
        sa.Column("email", sa.String(length=90), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.String(length=200), nullable=False),
        sa.Column("expires_at", moment(), nullable=False),
        sa.Column("accepted_at", moment(), nullable=True),
        sa.Column("revoked_at", moment(), nullable=True),
        *identified("invitation"),
        sa.CheckConstraint(ROLES, name=op.f("ck_invitation_role")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    indexed = {
        "membership": ("organisation_id", "person_id", "project_id"),
        "invitation": ("organisation_id", "project_id", "email"),
    }
    for table, columns in indexed.items():
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def projects() -> None:
    """Give every project an organisation, in which its name is unique."""
    op.execute("INSERT INTO organisation (name) SELECT 'default' WHERE EXISTS (SELECT FROM project)")
    op.add_column("project", sa.Column("organisation_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE project SET organisation_id = (SELECT id FROM organisation)")
    op.alter_column("project", "organisation_id", nullable=False)
    op.create_foreign_key(
        op.f("fk_project_organisation_id_organisation"), "project", "organisation", ["organisation_id"], ["id"]
    )
    op.drop_constraint("uq_project_name", "project")
    op.create_unique_constraint(op.f("uq_project_organisation_id_name"), "project", ["organisation_id", "name"])


def downgrade() -> None:
    """Drop the tables, and the keys, sessions and links of people. Log entries stay."""
    for column in ("key_id", "person_id", "actor_kind", "organisation_id"):
        op.drop_column("audit_log_entry", column)
    op.execute("DELETE FROM sign_in_link WHERE person_id IS NOT NULL")
    op.drop_column("sign_in_link", "person_id")
    # keys and sessions of an older version belong to a project or to the whole installation
    for table in ("browser_session", "api_key"):
        keys = sa.table(table, *map(sa.column, ("person_id", "organisation_id", "project_id")))
        of_all_projects = keys.c.organisation_id.is_not(None) & keys.c.project_id.is_(None)
        op.execute(keys.delete().where(keys.c.person_id.is_not(None) | of_all_projects))
    op.execute("UPDATE browser_session SET subject = 'administrator' WHERE subject = 'operator'")
    for column in ("address", "method", *BROWSER_SESSION):
        op.drop_column("browser_session", column)
    op.drop_constraint(op.f("ck_api_key_organisation"), "api_key")
    for column in ("created_by", *API_KEY):
        op.drop_column("api_key", column)
    op.drop_constraint(op.f("uq_project_organisation_id_name"), "project")
    # names were unique in the installation
    op.execute(
        "UPDATE project SET name = left(name, 60) || ' ' || id FROM "
        "(SELECT id AS twin, row_number() OVER (PARTITION BY name ORDER BY id) AS place FROM project) AS twins "
        "WHERE twin = id AND place > 1"
    )
    op.create_unique_constraint("uq_project_name", "project", ["name"])
    op.drop_column("project", "organisation_id")
    for table in ("invitation", "membership", "person", "organisation"):
        op.drop_table(table)
