"""Transactions of requests are bound to the subject, except in a few modules."""

from tests.architecture.source import ROOT

UNBOUND = {
    "app/attestations/reports.py": "a badge may be public",
    "app/auth/authenticate.py": "looks up a key or session",
    "app/auth/endpoints.py": "signs in",
    "app/auth/sessions.py": "signs in",
    "app/organisations/endpoints.py": "accepts an invitation",
    "app/organisations/invitations.py": "accepts an invitation",
    "app/organisations/oidc_endpoints.py": "signs in",
    "app/sources/endpoints.py": "looks up the secret of a webhook",
    "app/system/health.py": "asks whether the database can be used, also one without the functions that bind",
}
OF_ALL_TENANTS = {
    "app/audits/queue.py": "the audits ahead of one, of which only the number is told",
    "app/auth/audit_log.py": "the chain of the installation",
    "app/people/repository.py": "the memberships of one person in all organisations",
    "app/uploads/quota.py": "the free bytes of the disk",
}
DEFINED = ("app/db/session.py", "app/db/transaction.py", "app/db/tenancy.py")


def mentioning(*words: str) -> set[str]:
    """Return the files of the service in which one of these stands, but where it is defined."""
    files = {file.relative_to(ROOT).as_posix(): file.read_text() for file in (ROOT / "app").rglob("*.py")}
    return {name for name, source in files.items() if any(map(source.__contains__, words))} - set(DEFINED)


def test_only_these_modules_open_unbound_transactions() -> None:
    assert mentioning("bound=False", "bound=not ", "UnboundTransaction") == set(UNBOUND)


def test_only_these_modules_look_at_all_tenants() -> None:
    assert mentioning("of_all_tenants") == set(OF_ALL_TENANTS)
