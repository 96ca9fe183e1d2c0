"""CycloneDX 1.7: the release as a machine-learning component with its measured risk."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from app.contract.decision import Decision
from app.reports.findings import findings
from app.reports.json_bytes import json_bytes
from app.reports.place import Place
from app.reports.text import NAME, plain, web_address

SCHEMA = "http://cyclonedx.org/schema/bom-1.7.schema.json"
RISK = "model inversion risk R"


def render(decision: Decision, place: Place) -> bytes:
    """Return a bill of materials for one model, to be shared with partners only (TLP: AMBER)."""
    identity = f"{decision.audit} {decision.policy.digest} {decision.at.isoformat()}"
    tool = {"type": "application", "name": "exhume", "version": plain(decision.engine, NAME)}
    return json_bytes(
        {
            "$schema": SCHEMA,
            "bomFormat": "CycloneDX",
            "specVersion": "1.7",
            "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'urn:exhume:{identity}')}",
            "version": 1,
            "metadata": {
                "timestamp": decision.at.isoformat(),
                "tools": {"components": [tool]},
                "component": _model(decision),
                "distributionConstraints": {"tlp": "AMBER"},
            },
        }
    )


def _model(decision: Decision) -> dict[str, Any]:
    release = decision.release
    model: dict[str, Any] = {
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": plain(release.target, NAME),
        "version": plain(release.version, NAME),
        "hashes": [{"alg": "SHA-256", "content": release.digest.removeprefix("sha256:")}],
        "modelCard": {
            "modelParameters": {"task": "image classification"},
            "quantitativeAnalysis": {"performanceMetrics": [*_risk(decision), *_figures(decision)]},
            "considerations": {"ethicalConsiderations": _considerations(decision)},
        },
        "properties": [
            {"name": "exhume:outcome", "value": decision.outcome},
            {"name": "exhume:verdict", "value": decision.verdict or "none"},
            {"name": "exhume:audit", "value": plain(decision.audit)},
            {"name": "exhume:policy", "value": decision.policy.digest},
            *({"name": f"exhume:rule:{rule.id}", "value": rule.outcome} for rule in decision.rules),
        ],
    }
    if url := web_address(decision.url):
        model["externalReferences"] = [{"type": "evidence", "url": url}]
    return model


def _risk(decision: Decision) -> list[dict[str, Any]]:
    if (risk := decision.risk) is None:
        return []
    return [
        _metric(RISK, risk.value, risk.low, risk.high),
        _metric(f"{RISK}, one-sided 95 % lower bound", risk.bound_low),
        _metric(f"{RISK}, one-sided 95 % upper bound", risk.bound_high),
    ]


def _figures(decision: Decision) -> list[dict[str, Any]]:
    return [
        _metric(plain(figure.label, NAME), figure.value, figure.low, figure.high, rule.id)
        for rule in decision.rules
        for figure in rule.figures
        if figure.value is not None
    ]


def _metric(
    kind: str, value: float, low: float | None = None, high: float | None = None, rule: str | None = None
) -> dict[str, Any]:
    metric: dict[str, Any] = {"type": kind, "value": repr(value)}
    if rule is not None:
        metric["slice"] = rule
    if low is not None and high is not None:
        metric["confidenceInterval"] = {"lowerBound": repr(low), "upperBound": repr(high)}
    return metric


def _considerations(decision: Decision) -> list[dict[str, str]]:
    summary = {"name": plain(decision.sentence)}
    if decision.next_step:
        summary["mitigationStrategy"] = plain(decision.next_step)
    return [summary, *({"name": f"{one.rule.id}: {one.message}"} for one in findings(decision))]
