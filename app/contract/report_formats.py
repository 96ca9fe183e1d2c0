"""Formats of a report, as the API, the command line and gate files name them."""

from typing import Literal

ReportFormat = Literal[
    "json",
    "sarif",
    "junit",
    "code-quality",
    "markdown",
    "badge",
    "test-result",
    "test-result-predicate",
    "attestation",
    "cyclonedx",
]

AuditReportFormat = Literal["html", "pdf", "md"]
"""Formats of the report of an audit. `md` is a section for a model card."""
