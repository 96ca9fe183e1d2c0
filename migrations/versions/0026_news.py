"""Triggers that tell API processes about new events, and about keys and sessions that changed."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ACCESS = {
    "api_key": "DELETE OR UPDATE OF revoked_at, expires_at, scopes, project_id, person_id, membership_id",
    "browser_session": "DELETE OR UPDATE OF expires_at, scopes, project_id, api_key_id, person_id, membership_id",
    "membership": "DELETE OR UPDATE",
    "person": "DELETE OR UPDATE OF disabled_at",
}
"""Changes that end or narrow what somebody may do, unlike the time of a key's last use."""


def upgrade() -> None:
    """Create the triggers."""
    op.execute(
        """
        CREATE FUNCTION tell_of_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_notify('exhume_events', NEW.audit_id::text); RETURN NULL; END $$
        """
    )
    op.execute("CREATE TRIGGER told AFTER INSERT ON job_event FOR EACH ROW EXECUTE FUNCTION tell_of_event()")
    op.execute(
        """
        CREATE FUNCTION tell_of_access() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_notify('exhume_access', TG_TABLE_NAME); RETURN NULL; END $$
        """
    )
    for table, change in ACCESS.items():
        op.execute(
            f"CREATE TRIGGER told AFTER {change} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION tell_of_access()"
        )


def downgrade() -> None:
    """Drop the triggers."""
    for table in ("job_event", *ACCESS):
        op.execute(f"DROP TRIGGER told ON {table}")
    op.execute("DROP FUNCTION tell_of_event()")
    op.execute("DROP FUNCTION tell_of_access()")
