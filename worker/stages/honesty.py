"""What a result must admit: what bounds it, what was not tested, and what its sample says."""

from typing import Any

from worker.evaluation.score import Score
from worker.evaluation.severity import Access
from worker.stages.findings import Findings
from worker.stages.inputs import AuditInputs

ACCESS: dict[Access, str] = {"white-box": "the weights", "scores": "the scores of any image", "labels": "labels alone"}
BOUNDS = (
    "This result bounds the tested attacks at the tested budgets, on the tested identities: a PASS is no proof.",
    "Figures computed with different verifiers or evaluators must not be compared.",
    "Sample size: 100 identities give about +-10 points at 50 %, 300 give +-6, 1,000 give +-3.",
)
NOT_TESTED = (
    "attack families other than latent search with a generator of public images",
    "attackers with better public images, more compute or a stronger generator",
    "LPIPS and Inception FID: their weights are not shipped and nothing is downloaded",
)


def threat_models(scored: Score, *, access: Access, attack: str) -> list[dict[str, Any]]:
    """One line for each kind of access: the risk where it was tested, and that it was not where it was not."""
    lines = []
    for name, what in ACCESS.items():
        risk = scored.risk if name == access else None
        lines.append(
            {
                "access": name,
                "needs": what,
                "tested": risk is not None,
                "attacks": [] if risk is None else [attack],
                "risk": risk and {**risk.R.to_dict(), "bound_low": risk.lower, "bound_high": risk.upper},
                "severity": scored.severity if risk is not None else None,
            }
        )
    return lines


def sampling(inputs: AuditInputs, scored: Score) -> dict[str, Any] | None:
    """Whether the interval is about a sample of the identities or about all of them."""
    if scored.risk is None:
        return None
    n, of = scored.risk.R.n, len(inputs.classes)
    low, high = scored.risk.finite_population(of)
    if n == of:
        words = (
            f"All {of} identities of the model were attacked: there is no sampling error, R of these identities is "
            f"{scored.risk.R.value:.1%}. The interval says how far another run, with other seeds, could differ; it is "
            "wider than it need be, and the verdict rests on it."
        )
    else:
        words = (
            f"{n} of {of} identities were drawn by seed before anything ran. The interval is for any number of such "
            f"identities; for the {of} of this model alone it is {low:.1%} to {high:.1%}."
        )
    return {
        "case": "census" if n == of else "sample",
        "audited": n,
        "of": of,
        "finite_population": {"low": low, "high": high},
        "words": words,
    }


def not_tested(inputs: AuditInputs, scored: Score, *, access: Access, power: bool) -> list[str]:
    """What a reader might believe was covered."""
    lines = [f"attackers who have {what}" for name, what in ACCESS.items() if name != access]
    lines += NOT_TESTED
    twin = scored.partial.get("twin")
    if twin is None:
        lines.append("a twin of the model trained without the audited identities (the strictest control)")
    elif twin["n"] < len(scored.identities):
        lines.append(f"the twin control for {len(scored.identities) - twin['n']} of the audited identities")
    if not power:
        lines.append("the power of this plan on a model known to leak")
    left = len(inputs.classes) - len(inputs.identities)
    return [*lines, f"{left} identities outside the sample"] if left else lines


def missing_references(inputs: AuditInputs, findings: Findings) -> list[str]:
    """What would help where identities could not be scored."""
    if inputs.private is None:
        return ["Upload private images of the audited identities and name them in the next audit."]
    if not findings.missing:
        return []
    names = ", ".join(inputs.classes[identity] for identity in findings.missing[:5])
    count = len(findings.missing)
    return [f"Private training images are missing for {count} of the identities, such as {names}; add them."]
