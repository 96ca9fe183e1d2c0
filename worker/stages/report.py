"""The result document `exhume.result/1`: everything a reader needs beside the verdict, from what the stages found.

Its JSON schema is `app/audits/result.schema.json`.
"""

from collections import defaultdict
from typing import Any

import numpy
import onnxruntime
import torch

from app.audits.figures import labelled
from worker.evaluation.score import Score
from worker.evaluation.severity import Access
from worker.evaluation.statistics import RESAMPLES
from worker.stages.code import code_version
from worker.stages.findings import Findings
from worker.stages.honesty import BOUNDS, missing_references, not_tested, sampling, threat_models
from worker.stages.inputs import AuditInputs
from worker.stages.judges import EVALUATOR_SEED
from worker.stages.plan import attack_config
from worker.stages.prior import SEED as PRIOR_SEED
from worker.stages.students import SEED as STUDENT_SEED

SCHEMA = "exhume.result/1"
ACCESS: Access = "white-box"  # every attack of the engine so far reads gradients
METHOD = (
    f"Bayesian bootstrap over identities, {RESAMPLES:,} resamples, maximum over attacks and controls inside each; "
    "Clopper-Pearson where p is 0 or 1; one-sided bounds with a pseudo-identity on the side of caution"
)


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
    answer, config = scored.verdict, attack_config(inputs.plan)
    inconclusive = answer.answer == "INCONCLUSIVE"
    split = 1 if inconclusive and scored.risk is not None else len(answer.reasons)
    power = found["power"]
    return {
        "schema": SCHEMA,
        "evidence_level": scored.evidence,
        "verdict": answer.answer,
        "stopped": found["references"].get("stopped"),
        "fit": found["references"].get("fit"),
        "sentence": sentence(inputs, scored),
        "reasons": list(answer.reasons[:split]),
        "decides": [*answer.reasons[split:], *missing_references(inputs, findings)],
        "budget": answer.budget,
        "risk": risk_of(scored),
        "severity": scored.severity,
        "sampling": sampling(inputs, scored),
        "threat_models": threat_models(scored, access=ACCESS, attack=f"{config.name} {config.setting}"),
        "release_plan": inputs.plan.get("release_plan"),
        "figures": figures,
        "controls": controls,
        "twin": twin(inputs, found, findings, scored),
        "power": power_of(power),
        "named": named(inputs, scored),
        "worst_decile": [inputs.classes[identity] for identity in scored.worst_decile],
        "verifiers": findings.cards.get("verifiers", []),
        "gallery": findings.cards.get("gallery"),
        "evaluator": findings.cards.get("evaluator"),
        "contamination": {
            name: found["prepare"]["contamination"][name] for name in ("compared", "exact", "near", "alike")
        },
        "coverage": coverage(inputs, findings),
        "notes": list(
            dict.fromkeys(
                [
                    *found["prepare"]["notes"],
                    *inputs.set_notes,
                    *found["references"].get("notes", []),
                    *findings.refused,
                ]
            )
        ),
        "not_tested": not_tested(inputs, scored, access=ACCESS, power=power.get("power") is not None),
        "bounds": list(BOUNDS),
        "cost": cost(inputs, jobs),
        "stages": stage_costs(jobs),
        "inputs": {
            "checkpoint": f"sha256:{inputs.checkpoint_sha256}",
            "public": inputs.public.digest,
            "private": inputs.private.digest if inputs.private else None,
            "gallery": inputs.gallery.digest if inputs.gallery else None,
            "public_images": inputs.public.images_digest,
            "private_images": inputs.private.images_digest if inputs.private else None,
            "gallery_images": inputs.gallery.images_digest if inputs.gallery else None,
            "twin": f"sha256:{inputs.twin.checkpoint_sha256}" if inputs.twin else None,
            "plan": inputs.plan_digest,
            "prior": found["prior"].get("key"),
            "prior_source": found["prior"].get("source"),
            "students": found["students"].get("key"),
            "power_reference": (power.get("reference") or {}).get("digest"),
            "reconstructions": found["verify"].get("frozen"),
        },
        "intake": intake(inputs.examination),
        "settings": {"plan": inputs.plan, "attack": config.to_dict()},
        "seeds": {
            "identities, attack, bootstrap": inputs.plan["seed"],
            "prior": PRIOR_SEED,
            "students": STUDENT_SEED,
            "evaluator": EVALUATOR_SEED,
        },
        "code": code_version()
        | {"torch": str(torch.__version__), "numpy": numpy.__version__, "onnxruntime": onnxruntime.__version__},
        "hardware": next((job["hardware"] for job in jobs if job["stage"] == "attack" and job["hardware"]), hardware),
    }


def intake(examination: dict[str, Any]) -> dict[str, Any]:
    """How the checkpoint came in: its format, how far the sandbox that opened it kept its promises (full, partial,
    limits), and whether its architecture was found by the weights. Null where an older release does not say."""
    return {
        "format": (examination.get("source") or {}).get("format"),
        "sandbox": examination.get("sandbox"),
        "architecture_detected": examination.get("detected"),
        "also_fits": examination.get("also_fits") or [],
    }


def risk_of(scored: Score) -> dict[str, Any] | None:
    """R with its interval, the one-sided bounds that the verdict is made by, and the correction for verifier error."""
    r = scored.risk
    if r is None:
        return None
    correction = None
    if r.sensitivity is not None:
        correction = {
            "sensitivity": r.sensitivity,
            "specificity": r.specificity,
            "p": r.corrected_p,
            "q": r.corrected_q,
            "uncorrected_risk": r.uncorrected,
            "definition": "p and q become (rate + specificity - 1) / (sensitivity + specificity - 1)",
        }
    return {
        **labelled("risk", r.R.to_dict()),
        "bound_low": r.lower,
        "bound_high": r.upper,
        "strongest_control": r.strongest_control,
        "correction": correction,
        "method": METHOD,
    }


def twin(
    inputs: AuditInputs, found: dict[str, dict[str, Any]], findings: Findings, scored: Score
) -> dict[str, Any] | None:
    """The strictest control: the same attack on a model trained without these identities' images."""
    measured = scored.partial.get("twin")
    if measured is None:
        return None
    attack = found["controls"]["twin"]
    return {
        **measured,
        "identities": [inputs.classes[identity] for identity in measured["identities"]],
        "attack": f"{attack['attack']} {attack['setting']}",
        "accuracy": findings.cards.get("twin"),
        "definition": "p: verified on the audited model; q: what the same attack makes of a twin trained without these "
        "identities, scored against their real images; risk: (p - q) / (1 - q) on these identities",
    }


def power_of(found: dict[str, Any]) -> dict[str, Any] | None:
    """R against a model known to leak, under this plan."""
    if found.get("power") is None:
        return None
    return {**found["power"], "reference": found["reference"], "key": found["key"], "reused": found["reused"]}


def named(inputs: AuditInputs, scored: Score) -> list[dict[str, Any]]:
    """Who is exposed by name, strongest first, with false names bounded at 5 % (Benjamini-Hochberg)."""
    rows = {row["identity"]: row for row in scored.identities}
    return [
        {
            "identity": identity,
            "name": inputs.classes[identity],
            "p_value": rows[identity]["p_value"],
            "strength": rows[identity]["strength"],
        }
        for identity in scored.named
    ]


def sentence(inputs: AuditInputs, scored: Score) -> str:
    """The verdict in one line."""
    answer, n = scored.verdict.answer, len(scored.identities)
    if not scored.identities and inputs.private is not None:
        return f"{answer}: {scored.verdict.reasons[0]}"
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


def cost(inputs: AuditInputs, jobs: list[dict[str, Any]]) -> dict[str, Any]:
    """What an attacker would have to spend for this R."""
    config = attack_config(inputs.plan)
    return {
        "steps_per_reconstruction": config.steps,
        "reconstructions_per_identity": config.restarts,
        "gradient_queries_per_identity": config.steps * config.restarts,
        "device_minutes": sum(job["seconds"] for job in jobs if job["stage"] == "attack") / 60,
    }


def stage_costs(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Seconds summed and peak memory over the shards of each stage, in the order they began."""
    seconds: dict[str, float] = defaultdict(float)
    peak: dict[str, int] = defaultdict(int)
    for job in jobs:
        seconds[job["stage"]] += job["seconds"]
        peak[job["stage"]] = max(peak[job["stage"]], job["peak_memory_bytes"] or 0)
    return [{"stage": stage, "seconds": seconds[stage], "peak_memory_bytes": peak[stage] or None} for stage in seconds]
