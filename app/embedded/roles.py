"""Access rules of the embedded database, and the role and database of the service."""

import os
import pwd

import psycopg

MAP = "exhume"
ROLES = ("postgres", "exhume")
DATABASE = "exhume"


def peer_rules(server_account: str) -> dict[str, str]:
    """Return `pg_hba.conf` and `pg_ident.conf`, which admit only the supervisor's account.

    The kernel reports who connects, so there is no password that could leak. Other processes of
    `server_account` (for example `nobody`) cannot connect.
    """
    ours = pwd.getpwuid(os.geteuid()).pw_name
    return {
        "pg_hba.conf": f"# written at every start\nlocal all all peer map={MAP}\n",
        "pg_ident.conf": f"# written at every start; the server runs as {server_account}\n"
        + "".join(f'{MAP} "{ours}" {role}\n' for role in ROLES),
    }


def ensure_role_and_database(admin_url: str) -> None:
    """Create the role `exhume` (no superuser) and the database that it owns, unless they exist."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [DATABASE]).fetchone() is None:
            connection.execute("CREATE ROLE exhume LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute("CREATE DATABASE exhume OWNER exhume")


def allow_erasure(admin_url: str) -> None:
    """Let the service ask for the end of a segment of the write-ahead log and for a checkpoint."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("GRANT pg_checkpoint TO exhume")
        connection.execute("GRANT EXECUTE ON FUNCTION pg_switch_wal() TO exhume")
