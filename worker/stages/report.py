"""The result document `exhume.result/1`: everything a reader needs beside the verdict, from what the stages found."""

from collections import defaultdict
from typing import Any

from worker.evaluation.score import Score
from worker.stages.figures import labelled
from worker.stages.findings import Findings
from worker.stages.inputs import AuditInputs
from worker.stages.plan import attack_config

SCHEMA = "exhume.result/1"
NOT_TESTED = [
    "attackers who see only scores or labels",
    "attack families other than latent search with a generator of public images",
    "a twin of the model trained without the audited identities (the strictest control)",
    "the power of this plan on a model known to leak",
]


def result_document(
    inputs: AuditInputs,
    found: dict[str, dict[str, Any]],
    findings: Findings,
    scored: Score,
    *,
    jobs: list[dict[str, Any]],
    hardware: dict[str, Any],
) -> dict[str, Any]:
    """Everything is plain JSON; what was not measured is null or absent, never zero."""
    figures = {name: labelled(name, figure) for name, figure in scored.figures.items()}
    controls = {
        name.removeprefix("control_"): figures.pop(name) for name in list(figures) if name.startswith("control_")
    }
    answer = scored.verdict
    inconclusive = answer.answer == "INCONCLUSIVE"
    split = 1 if inconclusive and scored.risk is not None else len(answer.reasons)
    return {
        "schema": SCHEMA,
        "evidence_level": scored.evidence,
        "verdict": answer.answer,
        "sentence": sentence(inputs, scored),
        "reasons": list(answer.reasons[:split]),
        "decides": [*answer.reasons[split:], *missing_references(inputs, findings)],
        "budget": answer.budget,
        "risk": risk_of(scored),
        "figures": figures,
        "controls": controls,
        "verifiers": findings.cards.get("verifiers", []),
        "gallery": findings.cards.get("gallery"),
        "evaluator": findings.cards.get("evaluator"),
        "contamination": {
            name: found["prepare"]["contamination"][name] for name in ("compared", "exact", "near", "alike")
        },
        "coverage": coverage(inputs, findings),
        "notes": found["prepare"]["notes"],
        "not_tested": not_tested(inputs),
        "stages": stage_costs(jobs),
        "inputs": {
            "checkpoint": f"sha256:{inputs.checkpoint_sha256}",
            "public_images": inputs.public.images_digest,
            "private_images": inputs.private.images_digest if inputs.private else None,
            "plan": inputs.plan_digest,
            "prior": found["prior"]["key"],
            "prior_source": found["prior"]["source"],
            "students": found["students"]["key"],
            "reconstructions": found["verify"]["frozen"],
        },
        "settings": {"plan": inputs.plan, "attack": attack_config(inputs.plan).to_dict()},
        "hardware": next((job["hardware"] for job in jobs if job["stage"] == "attack" and job["hardware"]), hardware),
    }


def risk_of(scored: Score) -> dict[str, Any] | None:
    """R with its interval and the one-sided bounds that the verdict is made by."""
    if scored.risk is None:
        return None
    return {
        **scored.risk.R.to_dict(),
        "bound_low": scored.risk.lower,
        "bound_high": scored.risk.upper,
        "strongest_control": scored.risk.strongest_control,
        "method": "paired bootstrap over identities, 10,000 resamples; Clopper-Pearson where p is 0 or 1",
    }


def sentence(inputs: AuditInputs, scored: Score) -> str:
    """The verdict in one line."""
    answer, n = scored.verdict.answer, len(scored.identities)
    if scored.risk is None:
        return (
            f"{answer}: {len(inputs.identities)} identities were attacked, and there is no reference to compare with."
        )
    measured = scored.figures["verified" if scored.evidence == "verified" else "attack_accuracy_top1"]
    hits = round(float(measured["value"]) * n)
    how = "could be rebuilt recognisably" if scored.evidence == "verified" else "are recognised by the evaluator"
    control, R = scored.risk.q.value, scored.risk.R
    return (
        f"{answer}: {hits} of {n} identities {how}, {control:.0%} without the model's leak; "
        f"risk {R.value:.0%} ({R.low:.0%} to {R.high:.0%}), budget {scored.verdict.budget:.0%}."
    )


def coverage(inputs: AuditInputs, findings: Findings) -> dict[str, Any]:
    """How many identities the plan names, how many could be scored, and of how many they are a sample."""
    return {
        "planned": len(inputs.identities),
        "scored": len(findings.identities) if inputs.private else 0,
        "classes": len(inputs.classes),
        "every_class": len(inputs.identities) == len(inputs.classes),
    }


def missing_references(inputs: AuditInputs, findings: Findings) -> list[str]:
    """What would help where identities could not be scored."""
    if inputs.private is None:
        return ["Upload private images of the audited identities and name them in the next audit."]
    if not findings.missing:
        return []
    names = ", ".join(inputs.classes[identity] for identity in findings.missing[:5])
    return [f"{len(findings.missing)} identities have no private training images, such as {names}; add them."]


def not_tested(inputs: AuditInputs) -> list[str]:
    """What a reader might believe was covered."""
    left = len(inputs.classes) - len(inputs.identities)
    return [*NOT_TESTED, f"{left} identities outside the sample"] if left else list(NOT_TESTED)


def stage_costs(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Seconds summed and peak memory over the shards of each stage, in the order they began."""
    seconds: dict[str, float] = defaultdict(float)
    peak: dict[str, int] = defaultdict(int)
    for job in jobs:
        seconds[job["stage"]] += job["seconds"]
        peak[job["stage"]] = max(peak[job["stage"]], job["peak_memory_bytes"] or 0)
    return [{"stage": stage, "seconds": seconds[stage], "peak_memory_bytes": peak[stage] or None} for stage in seconds]
