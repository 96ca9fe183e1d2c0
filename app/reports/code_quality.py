"""Code Quality of GitLab, the report that its free tier shows on a merge request."""

from app.contract.decision import Decision
from app.reports.findings import findings
from app.reports.json_bytes import json_bytes
from app.reports.place import Place
from app.reports.text import plain


def render(decision: Decision, place: Place) -> bytes:
    """Return an array with an entry for each finding. It is empty if every rule passed."""
    return json_bytes(
        [
            {
                "description": plain(f"{finding.rule.id} {finding.rule.outcome}: {finding.message}"),
                "check_name": finding.rule.id,
                "fingerprint": finding.fingerprint,
                "severity": finding.severity.code_quality,
                "location": {"path": place.path, "lines": {"begin": place.line}},
            }
            for finding in findings(decision)
        ]
    )
