"""The formats of a report, by the name that the API and the command line use."""

from collections.abc import Callable
from dataclasses import dataclass

from app.contract.decision import Decision
from app.reports import badge, code_quality, cyclonedx, document, in_toto, junit, markdown, sarif
from app.reports.place import Place


@dataclass(frozen=True)
class Format:
    """How one format is made and named."""

    media_type: str
    file_name: str
    render: Callable[[Decision, Place], bytes]


FORMATS: dict[str, Format] = {
    "json": Format("application/json", "decision.json", document.render),
    "sarif": Format("application/sarif+json", "exhume.sarif", sarif.render),
    "junit": Format("application/xml", "junit.xml", junit.render),
    "code-quality": Format("application/json", "gl-code-quality-report.json", code_quality.render),
    "markdown": Format("text/markdown; charset=utf-8", "summary.md", markdown.render),
    "badge": Format("image/svg+xml", "badge.svg", badge.render),
    "test-result": Format("application/vnd.in-toto+json", "test-result.intoto.json", in_toto.test_result),
    "test-result-predicate": Format("application/json", "test-result.json", in_toto.test_result_predicate),
    "attestation": Format("application/vnd.in-toto+json", "decision.intoto.json", in_toto.attestation),
    "cyclonedx": Format("application/vnd.cyclonedx+json; version=1.7", "exhume.cdx.json", cyclonedx.render),
}


def render(name: str, decision: Decision, place: Place | None = None) -> bytes:
    """Return a decision in a format of `ReportFormat`."""
    return FORMATS[name].render(decision, place or Place())
