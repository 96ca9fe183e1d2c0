"""Row-level security: a transaction that is bound to a subject sees the rows of its tenant only.

`bind_tenant` sets four settings, which end with the transaction. Transactions without them see all
rows. A login that bypasses row-level security changes to the role `exhume_tenant`, which
`exhume migrate` creates for it.
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def bound(name: str) -> str:
    """Return the id that a transaction is bound to, as a subquery that runs once a statement."""
    return f"(SELECT nullif(current_setting('exhume.{name}', true), '')::uuid)"


UNBOUND, ALL_PROJECTS = (
    f"(SELECT coalesce(current_setting('exhume.{name}', true), '') = '')" for name in ("subject", "project")
)
"""Booleans: the planner expects that half of the rows pass, but one in 200 of an IS NULL."""


def member_of(table: str) -> str:
    """Return the condition for rows of the organisation or, with a limit to a project, of that."""
    limit = f"({ALL_PROJECTS} OR {table}.project_id = {bound('project')})"
    return f"{table}.organisation_id = {bound('organisation')} AND {limit}"


OURS = "project_id = ANY ((SELECT bound_projects())::uuid[])"
OF_PROJECTS = (
    "artifact",
    "audit",
    "dataset",
    "decision",
    "destroyed_key",
    "identity_outcome",
    "job",
    "job_event",
    "legal_hold",
    "notification",
    "object_key",
    "policy",
    "policy_version",
    "project_key",
    "project_limit",
    "receipt",
    "reconstruction",
    "release",
    "reservation",
    "schedule",
    "schedule_run",
    "score",
    "source",
    "source_change",
    "target",
    "upload",
    "verifier",
    "waiver",
    "webhook",
    "webhook_delivery",
)
OTHERS = {
    "organisation": f"id = {bound('organisation')}",
    "project": f"id = {bound('project')} OR (organisation_id = {bound('organisation')} AND {ALL_PROJECTS})",
    "membership": f"({member_of('membership')}) OR person_id = {bound('person')}",
    "person": f"id = {bound('person')} OR EXISTS (SELECT FROM membership WHERE membership.person_id = person.id)",
    "invitation": member_of("invitation"),
    "api_key": f"({member_of('api_key')}) OR person_id = {bound('person')}",
    "browser_session": f"({member_of('browser_session')}) OR person_id = {bound('person')}",
    "sign_in_link": f"person_id = {bound('person')}",
    "idempotency_key": f"subject_id = {bound('subject')}",
    "audit_log_entry": f"{OURS} OR (project_id IS NULL AND organisation_id = {bound('organisation')})",
    "artifact_use": "EXISTS (SELECT FROM audit WHERE audit.id = audit_id)",
    "source_call": "EXISTS (SELECT FROM source WHERE source.id = source_id)",
}
BIND = """
CREATE FUNCTION bind_tenant(subject uuid, organisation uuid, project uuid, person uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('exhume.subject', subject::text, true),
            set_config('exhume.organisation', coalesce(organisation::text, ''), true),
            set_config('exhume.project', coalesce(project::text, ''), true),
            set_config('exhume.person', coalesce(person::text, ''), true);
    IF NOT row_security_active('audit') THEN
        PERFORM set_config('role', 'exhume_tenant', true);
    END IF;
END $$
"""
UNBIND = """
CREATE FUNCTION unbind_tenant() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('exhume.subject', '', true);
    IF current_user = 'exhume_tenant' THEN
        PERFORM set_config('role', 'none', true);
    END IF;
END $$
"""
PROJECTS = """
CREATE FUNCTION bound_projects() RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    IF current_setting('exhume.project', true) <> '' THEN
        RETURN ARRAY[current_setting('exhume.project')::uuid];
    END IF;
    RETURN ARRAY(SELECT id FROM project
        WHERE organisation_id = nullif(current_setting('exhume.organisation', true), '')::uuid);
END $$
"""


def upgrade() -> None:
    """Create the functions and the policies."""
    for statement in (BIND, UNBIND, PROJECTS):
        op.execute(statement)
    for table, rows in (dict.fromkeys(OF_PROJECTS, OURS) | OTHERS).items():
        op.execute(f"CREATE POLICY tenant ON {table} USING ({UNBOUND} OR {rows})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Drop them."""
    for table in (*OF_PROJECTS, *OTHERS):
        op.execute(f"DROP POLICY tenant ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY")
    for function in ("bound_projects()", "unbind_tenant()", "bind_tenant(uuid, uuid, uuid, uuid)"):
        op.execute(f"DROP FUNCTION {function}")
