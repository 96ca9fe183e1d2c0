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
