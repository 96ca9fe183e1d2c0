"""Risk, judges, twin and power check for the result document, with labels and intervals."""

from collections.abc import Mapping
from typing import Any

from app.contract.attack_labels import portfolio_label
from app.contract.nouns import Noun
from app.contract.result.base import Figure, Figures
from app.contract.result.judges import EvaluatorReading, GalleryReading, TwinAccuracy, TwinReading, VerifierReading
from app.contract.result.risk import Correction, Power, ReferenceModel, Risk
from app.sentences.about import reference_model
from worker.evaluation.score import Score
from worker.evaluation.statistics import RESAMPLES
from worker.evaluation.verdict import POWER_NEEDED
from worker.evidence.findings import Findings
from worker.evidence.inputs import AuditInputs

METHOD = (
    f"Bayesian bootstrap over identities, {RESAMPLES:,} resamples, maximum over attacks and controls inside each; "
    "Clopper-Pearson where p is 0 or 1; one-sided bounds with a pseudo-identity on the side of caution"
)
CORRECTION = "p and q become (rate + specificity - 1) / (sensitivity + specificity - 1)"
CORRECTION_OF_SEVERAL = (
    f"{CORRECTION}, with the sensitivity and specificity for one image of each attack of which one must match; the "
    "interval also allows for those of a single image, which are given here"
)


def risk_of(scored: Score, noun: Noun, attacks: int) -> Risk | None:
    """Return R with its interval, the bounds that decide the verdict, and the correction.

    The bounds are one-sided. The correction is for errors of the verifiers.

    Args:
        attacks: number of attacks in the plan.
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
        correction = Correction(
            sensitivity=r.sensitivity.value,
            specificity=r.specificity.value,
            p=r.corrected_p.value,
            q=r.corrected_q.value,
            uncorrected_risk=r.uncorrected.value,
            definition=CORRECTION_OF_SEVERAL if attacks > 1 else CORRECTION,
            figures=figures_of({name: figure.to_dict() for name, figure in figures.items()}, noun),
        )
    return Risk(
        **dict(Figure.of("risk", r.R.to_dict(), noun)),
        bound_low=r.lower,
        bound_high=r.upper,
        strongest_control=r.strongest_control,
        correction=correction,
        method=METHOD,
    )


def twin(
    inputs: AuditInputs, found: dict[str, dict[str, Any]], findings: Findings, scored: Score, noun: Noun
) -> TwinReading | None:
    """Return the strictest control, the same attack on a twin without these identities."""
    measured = scored.partial.get("twin")
    if measured is None:
        return None
    accuracy = findings.cards.get("twin")
    ran = found["controls"].get("twins") or [found["controls"]["twin"]]
    label = portfolio_label(
        (planned.name, one["setting"], planned.prior) for planned, one in zip(inputs.plan.attacks, ran, strict=True)
    )
    return TwinReading(
        **measured
        | {
            "identities": [inputs.classes[identity] for identity in measured["identities"]],
            "attack": label,
            "accuracy": accuracy and TwinAccuracy(**card(accuracy, noun)),
            "definition": f"p: recognised in the audited model; q: what the same attack makes of a twin trained "
            f"without these {noun.many}, scored against their real images; risk: (p - q) / (1 - q) on these "
            f"{noun.many}",
        }
    )


def verifiers(findings: Findings, noun: Noun) -> list[VerifierReading]:
    """Return the verifiers, with the rates of false matches of those that judged."""
    reading_of = {} if findings.verification is None else {one.name: one for one in findings.verification.readings}
    readings = []
    for one in findings.cards.get("verifiers", []):
        figures = dict(one.get("figures") or {})
        if one["name"] in reading_of:
            figures["false_match_rate"] = reading_of[one["name"]].false_matches.to_dict()
        readings.append(VerifierReading(**card(one | {"figures": figures}, noun)))
    return readings


def gallery(findings: Findings) -> GalleryReading | None:
    """Return the gallery, or None if nothing was verified."""
    found = findings.cards.get("gallery")
    return found and GalleryReading(**found)


def evaluator(findings: Findings, noun: Noun) -> EvaluatorReading | None:
    """Return the evaluator, or None if none could be trained."""
    found = findings.cards.get("evaluator")
    return found and EvaluatorReading(**card(found, noun))


def power_of(found: dict[str, Any], noun: Noun) -> Power | None:
    """Return R against the reference model under this plan."""
    if found.get("power") is None:
        return None
    reference = found["reference"]
    return Power(
        **dict(Figure.of("power", found["power"], noun))
        | {
            "convinced": Figure.of("convinced", found["power"]["convinced"], noun),
            "reference": ReferenceModel(**card(reference, noun), words=reference_model(reference)),
            "needed": POWER_NEEDED,
            "key": found["key"],
            "reused": found["reused"],
        }
    )


def card(found: dict[str, Any], noun: Noun) -> dict[str, Any]:
    """Return a stage's findings about a model, with its figures labelled."""
    return found | {"figures": figures_of(found.get("figures") or {}, noun)}


def figures_of(measured: Mapping[str, Mapping[str, Any]], noun: Noun) -> Figures:
    """Return measurements with their entries in the catalogue."""
    return {name: Figure.of(name, figure, noun) for name, figure in measured.items()}
