"""Audit models with a known truth and compare their verdicts with it.

    python -m bench.truth.proofs [--json] [--models leaky memorising ...] [--effort quick]
        [--setting baseline] [--record]

Prints one JSON line per model. Uses the demo's 90 characters, the shipped prior and verifiers, and
the plan of an audit without students (GMI). The other conditions of a PASS (power, no
contamination) are assumed to hold, so only the score decides:

    leaky              the demo's target: must FAIL
    memorising         trained on the real drawings of 30 % of the characters and on stand-ins for
                       the others: at least 90 % of those named must be right; whether it is FAIL
                       depends on the effort
    null               trained on 90 other characters, attacked for these: must not FAIL
    constant           gives the same output for every image
    random             weights as initialised
    permuted-classes   the demo's target with the order of its classes shuffled
    permuted-labels    trained on these drawings with labels shuffled among the images

The last five must be INCONCLUSIVE, with the reason. `by_risk_alone` is the verdict without the
check that a model knows the private images.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from app.contract.engine import PRESETS
from bench.attacks.cells import stamp
from worker.bundled import omniglot
from worker.demo.train_target import ARCHITECTURE, CONVENTION, HYPERPARAMETERS, train_demo_target
from worker.evaluation.controls import nearest_public_control, prior_control
from worker.evaluation.evaluator import train_evaluator
from worker.evaluation.fit import assess
from worker.evaluation.procedure import OtherModel
from worker.evaluation.score import Score, score
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import BUNDLED, bundled_verifiers
from worker.inversion.attacks import Attack
from worker.inversion.priors import load_prior
from worker.inversion.targets import Target, load_target
from worker.inversion.targets.registry import build_network

CLASSES, MEMORISED, SEED = 90, 27, 0
RESULTS = Path(__file__).resolve().parents[1] / "results" / "proofs.jsonl"


def trained(replaced: dict[int, int] | None = None) -> Target:
    """Train the demo's target.

    Characters in `replaced` are trained on stand-ins, characters of other alphabets.
    """
    with tempfile.TemporaryDirectory(prefix="exhume-proofs-") as folder:
        path = Path(folder) / "target.safetensors"
        train_demo_target(path, seed=SEED, replaced=replaced)
        return load_target(path, ARCHITECTURE, HYPERPARAMETERS, CLASSES, CONVENTION)


def memorised() -> np.ndarray:
    """Return the 27 characters whose real drawings the memorising model saw, drawn by seed."""
    return np.sort(np.random.default_rng(30).permutation(CLASSES)[:MEMORISED])


def memorising() -> Target:
    others = sorted(set(range(CLASSES)) - set(memorised().tolist()))
    return trained({k: stand_in for stand_in, k in enumerate(others)})


def fresh(*, constant: bool = False) -> Target:
    network = build_network(ARCHITECTURE, HYPERPARAMETERS, CLASSES, CONVENTION.channels, seed=SEED + 1)
    if constant:
        _last(network).weight.data.zero_()
    return Target(network, CONVENTION, CLASSES).eval()


def permuted_classes() -> Target:
    target, order = trained(), torch.randperm(CLASSES, generator=torch.Generator().manual_seed(SEED))
    last = _last(target.network)
    last.weight.data, last.bias.data = last.weight.data[order], last.bias.data[order]
    return target


def permuted_labels() -> Target:
    data = omniglot.load().private_train
    shuffled = np.random.default_rng(SEED).permutation(data.labels)
    return train_evaluator(data.images, shuffled, seed=SEED, epochs=30).model


def _last(network: nn.Module) -> nn.Linear:
    return [m for m in network.modules() if isinstance(m, nn.Linear)][-1]


MODELS: dict[str, tuple[str | None, Callable[[], Target]]] = {
    "leaky": ("FAIL", trained),
    "memorising": (None, memorising),
    "null": ("INCONCLUSIVE", lambda: trained({k: k for k in range(CLASSES)})),
    "constant": ("INCONCLUSIVE", lambda: fresh(constant=True)),
    "random": ("INCONCLUSIVE", fresh),
    "permuted-classes": ("INCONCLUSIVE", permuted_classes),
    "permuted-labels": ("INCONCLUSIVE", permuted_labels),
}


def audit(target: Target, identities: list[int], plan: dict[str, Any]) -> tuple[Score, Score]:
    """Return the score of an audit with and without the check that the model knows the images."""
    data, prior = omniglot.load(), load_prior(BUNDLED / "prior-omniglot32.safetensors")
    references, held_out = data.private_train, data.private_held_out
    config = Attack.from_dict(plan)
    found = OtherModel(target, data.public.images, seed=SEED).attack(prior, identities, config).found
    submitted = [one for one in found if one.selected]
    controls = {
        "prior": prior_control(prior, identities, draws=config.restarts, seed=SEED),
        "nearest-public": nearest_public_control(target, data.public.images, identities, views=config.views),
    }
    v = verify(
        np.stack([one.image for one in submitted]), identities, references.images, references.labels,
        bundled_verifiers(prior.shape), reconstructions=np.stack([one.image for one in found]),
        reconstructed_for=[one.identity for one in found], controls=controls,
        held_out=(held_out.images, held_out.labels),
    )  # fmt: skip
    fit = assess(target, references.images, references.labels, references.names).to_dict()
    top1 = np.array([one.target_top1 for one in submitted])
    known: list[dict[str, Any] | None] = [fit, None]
    scores = [
        score(np.array(identities), top1, verification=v, fit=f, power=1.0, contamination_clean=True, seed=SEED)
        for f in known
    ]
    return replace(scores[0], figures=scores[0].figures | {"fit": fit["accuracy"]}), scores[1]


def line(name: str, identities: list[int], effort: str, setting: str) -> dict[str, Any]:
    """Train and audit a model, and return its line."""
    expected, make = MODELS[name]
    start, preset = time.perf_counter(), PRESETS[effort]
    plan = {"setting": setting, "steps": preset.steps, "restarts": preset.restarts}
    scored, by_risk = audit(make(), identities, plan)
    f = scored.figures
    out: dict[str, Any] = {
        "bench": "proofs",
        "model": name,
        "effort": effort,
        "setting": setting,
        "identities": len(identities),
        "verdict": scored.verdict.answer,
        "expected": expected,
        "by_risk_alone": by_risk.verdict.answer,
        "reason": scored.verdict.reasons[-1].code,
        **{key: f[key]["value"] for key in ("fit", "verified", "control")},
        "risk": [f["risk"][key] for key in ("value", "low", "high")],
        "named": len(scored.named),
    }
    if name == "memorising":
        truth = set(memorised().tolist()) & set(identities)
        right = len(truth & set(scored.named))
        out |= {
            "memorised": len(truth),
            "precision": right / max(len(scored.named), 1),
            "recall": right / max(len(truth), 1),
        }
    return out | {"seconds": round(time.perf_counter() - start, 1), **stamp()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--identities", type=int, default=CLASSES, help="number of the 90 characters, evenly spread")
    parser.add_argument("--effort", choices=PRESETS, default="quick")
    parser.add_argument("--setting", choices=("baseline", "lom"), default="baseline")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print the whole line of each model")
    parser.add_argument("--record", action="store_true", help="append the lines to results/proofs.jsonl")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    identities = np.linspace(0, CLASSES - 1, args.identities).round().astype(int).tolist()
    wrong = []
    for name in args.models:
        found = line(name, identities, args.effort, args.setting)
        if args.record:
            with RESULTS.open("a") as file:
                file.write(json.dumps(found) + "\n")
        if args.json:
            print(json.dumps(found), flush=True)
        else:
            value, low, high = found["risk"]
            named = f", {found['named']} named" + (
                f" ({found['precision']:.0%} right, of {found['memorised']})" if "memorised" in found else ""
            )
            print(
                f"{name}: {found['verdict']} (R {value:.1%}, {low:.1%} to {high:.1%}{named}). {found['reason']}",
                flush=True,
            )
        unexpected = found["verdict"] == "PASS" if found["expected"] is None else found["verdict"] != found["expected"]
        if unexpected or (name == "null" and found["by_risk_alone"] == "FAIL"):
            wrong.append(name)
        if found.get("precision", 1.0) < 0.9:
            wrong.append(f"{name}: precision {found['precision']:.0%}")
    if wrong:
        sys.exit(f"wrong verdicts: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
