"""Risk, judges, twin and power check for the result document, with labels and intervals."""

from typing import Any

from app.contract.figures import labelled
from app.contract.nouns import Noun
from app.sentences.about import reference_model
from worker.evaluation.score import Score
from worker.evaluation.statistics import RESAMPLES
from worker.evidence.findings import Findings
from worker.evidence.inputs import AuditInputs

METHOD = (
    f"Bayesian bootstrap over identities, {RESAMPLES:,} resamples, maximum over attacks and controls inside each; "
    "Clopper-Pearson where p is 0 or 1; one-sided bounds with a pseudo-identity on the side of caution"
)


def risk_of(scored: Score, noun: Noun) -> dict[str, Any] | None:
    """Return R with its interval, the bounds that decide the verdict, and the correction.

    The bounds are one-sided. The correction is for errors of the verifiers.
    """
    r = scored.risk
    if r is None:
        return None
    correction = None
    if r.sensitivity and r.specificity and r.corrected_p and r.corrected_q:
        figures = {
            "sensitivity": r.sensitivity,
            "specificity": r.specificity,
            "corrected_p": r.corrected_p,
            "corrected_q": r.corrected_q,
            "uncorrected_risk": r.uncorrected,
        }
        correction = {
            "sensitivity": r.sensitivity.value,
            "specificity": r.specificity.value,
            "p": r.corrected_p.value,
            "q": r.corrected_q.value,
            "uncorrected_risk": r.uncorrected.value,
            "definition": "p and q become (rate + specificity - 1) / (sensitivity + specificity - 1)",
            "figures": {name: labelled(name, figure.to_dict(), noun) for name, figure in figures.items()},
        }
    return {
        **labelled("risk", r.R.to_dict(), noun),
        "bound_low": r.lower,
        "bound_high": r.upper,
        "strongest_control": r.strongest_control,
        "correction": correction,
        "method": METHOD,
    }


def twin(
    inputs: AuditInputs, found: dict[str, dict[str, Any]], findings: Findings, scored: Score, noun: Noun
) -> dict[str, Any] | None:
    """Return the strictest control, the same attack on a twin without these identities."""
    measured = scored.partial.get("twin")
    if measured is None:
        return None
    attack, accuracy = found["controls"]["twin"], findings.cards.get("twin")
    return {
        **measured,
        "identities": [inputs.classes[identity] for identity in measured["identities"]],
        "attack": f"{attack['attack']} {attack['setting']}",
        "accuracy": accuracy and card(accuracy, noun),
        "definition": f"p: recognised in the audited model; q: what the same attack makes of a twin trained without "
        f"these {noun.many}, scored against their real images; risk: (p - q) / (1 - q) on these {noun.many}",
    }


def judges(findings: Findings, noun: Noun) -> dict[str, Any]:
    """Return verifiers, gallery and evaluator, their rates with intervals."""
    said = {} if findings.verification is None else {one.name: one for one in findings.verification.readings}
    verifiers = []
    for one in findings.cards.get("verifiers", []):
        figures = dict(one.get("figures") or {})
        if one["name"] in said:
            figures["false_match_rate"] = said[one["name"]].false_matches.to_dict()
        verifiers.append(card(one | {"figures": figures}, noun))
    evaluator = findings.cards.get("evaluator")
    return {
        "verifiers": verifiers,
        "gallery": findings.cards.get("gallery"),
        "evaluator": evaluator and card(evaluator, noun),
    }


def card(found: dict[str, Any], noun: Noun) -> dict[str, Any]:
    """Return a card with its figures labelled."""
    figures = found.get("figures") or {}
    return found | {"figures": {name: labelled(name, figure, noun) for name, figure in figures.items()}}


def power_of(found: dict[str, Any], noun: Noun) -> dict[str, Any] | None:
    """Return R against the reference model under this plan."""
    if found.get("power") is None:
        return None
    reference = card(found["reference"], noun)
    return {
        **labelled("power", found["power"], noun),
        "convinced": labelled("convinced", found["power"]["convinced"], noun),
        "reference": reference | {"words": reference_model(reference)},
        "key": found["key"],
        "reused": found["reused"],
    }
