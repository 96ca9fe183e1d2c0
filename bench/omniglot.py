"""Attack the demo's target in the four settings and score it: one JSON line per cell, then the table.

    python -m bench.omniglot [--seeds 0 1 2] [--settings baseline lom ma lomma] [--identities 90]
    python -m bench.omniglot --table

Every setting of a seed starts from the same latents and has the same budget; students are distilled once per seed.
Seeds can be run in processes of their own. `--table` prints the last recorded cell of every setting and seed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from worker.demo import omniglot
from worker.demo.train_target import train_demo_target
from worker.evaluation.controls import prior_control
from worker.evaluation.evaluator import Evaluator, load_evaluator, save_evaluator, train_evaluator
from worker.evaluation.score import score
from worker.evaluation.statistics import mean_difference
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import bundled_verifiers
from worker.inversion.attacks import SETTINGS, Attack, Gmi, Reconstruction, run_attack
from worker.inversion.data import images_digest
from worker.inversion.priors import Prior, load_prior
from worker.inversion.students import (
    default_student_recipe,
    load_students,
    public_features,
    save_students,
    students_key,
    train_students,
)
from worker.inversion.targets import InputConvention, Target, load_target

RESULTS = Path(__file__).resolve().parent / "results" / "omniglot.jsonl"
FULL_BATCHES = {"micro_batch": 64}
"""A run over all identities fills larger batches than the shards of an audit do, and each row costs less in them."""
PRIOR = Path(__file__).resolve().parents[1] / "worker" / "bundled" / "prior-omniglot32.safetensors"


def demo_target(cache: Path) -> tuple[Target, str]:
    """The demo's target (trained here once, seed 0) and the digest of its weights."""
    cache.mkdir(parents=True, exist_ok=True)
    weights, card = cache / "target.safetensors", cache / "target.json"
    if not card.exists():
        card.write_text(json.dumps(train_demo_target(weights, seed=0)))
    c = json.loads(card.read_text())
    convention = InputConvention.from_dict(c["convention"])
    target = load_target(weights, c["architecture"], c["hyperparameters"], c["num_classes"], convention)
    return target, digest(weights)


def demo_evaluator(cache: Path) -> Evaluator:
    path = cache / "evaluator.safetensors"
    if not path.exists():
        private = omniglot.load().private_train
        save_evaluator(train_evaluator(private.images, private.labels, seed=0), path)
    return load_evaluator(path)


def demo_students(target: Target, target_digest: str, seed: int, cache: Path) -> list[Target]:
    recipe, public = default_student_recipe(target.convention), omniglot.load().public.images
    key = students_key(target_digest, images_digest(public), recipe, seed)
    path = cache / f"students-{key[7:27]}.safetensors"
    if not path.exists():
        save_students(train_students(target, public, recipe, seed=seed), recipe, path)
    return load_students(path)


def digest(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def cell(found: list[Reconstruction], prior: Prior, evaluator: Evaluator, config: Attack, seed: int) -> dict[str, Any]:
    """Score one cell's reconstructions: the figures of its JSON line."""
    private = omniglot.load().private_train
    submitted = [r for r in found if r.selected]
    images, identities = np.stack([r.image for r in submitted]), np.array([r.identity for r in submitted])
    verification = verify(
        images, identities, private.images, private.labels, bundled_verifiers(prior.shape),
        reconstructions=np.stack([r.image for r in found]), reconstructed_for=[r.identity for r in found],
        controls={"prior": prior_control(prior, identities.tolist(), draws=config.restarts, seed=seed)},
    )  # fmt: skip
    scored = score(
        identities,
        np.array([r.target_top1 for r in submitted]),
        verification=verification,
        evaluator_top5=evaluator.top(images),
    )
    f = scored.figures
    return {
        "top1": f["attack_accuracy_top1"]["value"], "top1_low": f["attack_accuracy_top1"]["low"],
        "top1_high": f["attack_accuracy_top1"]["high"], "verified": f["verified"]["value"],
        "verified_low": f["verified"]["low"], "verified_high": f["verified"]["high"],
        "rank1": f["rank1_all_verifiers"]["value"], "target_top1": f["target_accuracy"]["value"],
        "gap": f["overfitting_gap"]["value"], "risk": f["risk"]["value"], "risk_low": f["risk"]["low"],
        "risk_high": f["risk"]["high"], "control": f["control"]["value"], "verdict": scored.verdict.answer,
        "success": verification.success.astype(int).tolist(),
    }  # fmt: skip


def run(args: argparse.Namespace) -> None:
    data = omniglot.load()
    target, target_digest = demo_target(args.cache)
    prior, evaluator = load_prior(args.prior), demo_evaluator(args.cache)
    p_reg = public_features(target, data.public.images)
    identities = list(range(90))[:: max(1, 90 // args.identities)][: args.identities]
    git = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    for seed in args.seeds:
        students: list[Target] = []
        start = time.perf_counter()
        if any(Gmi(setting=s).uses_students for s in args.settings):
            students = demo_students(target, target_digest, seed, args.cache)
        distilling = time.perf_counter() - start
        for setting in args.settings:
            config = Attack.from_dict({"setting": setting, **FULL_BATCHES, **json.loads(args.config)})
            start = time.perf_counter()
            found = run_attack(
                target, students if config.uses_students else [], prior, p_reg, identities, config, seed=seed
            )
            seconds = time.perf_counter() - start
            line = {
                "bench": "omniglot", "target": target_digest, "prior": digest(args.prior), "attack": config.name,
                "setting": setting, "seed": seed, "identities": len(identities),
                **cell(found, prior, evaluator, config, seed),
                "seconds": round(seconds, 1), "seconds_students": round(distilling, 1) if config.uses_students else 0,
                "config": config.to_dict(), "device": f"{platform.machine()} CPU, {torch.get_num_threads()} threads",
                "torch": str(torch.__version__), "commit": git.stdout.strip(),
            }  # fmt: skip
            with args.out.open("a") as file:
                file.write(json.dumps(line) + "\n")
            shown = ("setting", "seed", "target_top1", "top1", "rank1", "verified", "gap", "risk", "control", "seconds")
            print(json.dumps({k: line[k] for k in shown}), flush=True)
            if args.images:
                np.savez(args.images / f"{setting}-{seed}.npz", images=np.stack([r.image for r in found]),
                         selected=[r.selected for r in found], score=[r.target_score for r in found])  # fmt: skip


def table(path: Path) -> None:
    """One table per target, prior and budget: means over seeds, intervals over identities, paired differences."""
    groups: dict[str, dict[tuple[str, int], dict[str, Any]]] = {}
    for c in map(json.loads, path.read_text().splitlines()):
        plan = {k: v for k, v in c["config"].items() if k != "setting"}
        key = json.dumps([c["target"][:19], c["prior"][:19], c["identities"], plan])
        groups.setdefault(key, {})[c["setting"], c["seed"]] = c
    for key, last in groups.items():
        target, prior, identities, plan = json.loads(key)
        budget = ", ".join(f"{k} {plan[k]}" for k in ("restarts", "steps", "pool", "lr"))
        print(f"\ntarget {target}, prior {prior}, {identities} identities; {budget}")
        print(f"{'setting':10} {'seeds':>5} {'target':>7} {'top-1':>7} {'rank 1':>7} {'verified':>9} {'95 %':>14} "
              f"{'R':>6} {'control':>7} {'minus baseline':>24} {'seconds':>8}")  # fmt: skip
        _rows(last)


def _rows(last: dict[tuple[str, int], dict[str, Any]]) -> None:
    base = {seed: c["success"] for (s, seed), c in last.items() if s == "baseline"}
    for setting in SETTINGS:
        cells = {seed: c for (s, seed), c in sorted(last.items()) if s == setting}
        if not cells:
            continue
        S = np.mean([c["success"] for c in cells.values()], axis=0)
        v = mean_difference(S, np.zeros_like(S))
        mean = {k: float(np.mean([c[k] for c in cells.values()])) for k in
                ("target_top1", "top1", "rank1", "risk", "control", "seconds")}  # fmt: skip
        against = ""
        if setting != "baseline" and (shared := sorted(cells.keys() & base.keys())):
            d = mean_difference(
                np.mean([cells[s]["success"] for s in shared], axis=0), np.mean([base[s] for s in shared], axis=0)
            )
            against = f"{d.value:+.1%} [{d.low:+.1%}, {d.high:+.1%}]"
        print(f"{setting:10} {len(cells):5} {mean['target_top1']:7.1%} {mean['top1']:7.1%} {mean['rank1']:7.1%} "
              f"{v.value:9.1%} {f'{v.low:.1%}-{v.high:.1%}':>14} {mean['risk']:6.2f} {mean['control']:7.1%} "
              f"{against:>24} {mean['seconds']:8.1f}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--settings", nargs="+", default=list(SETTINGS), choices=SETTINGS)
    parser.add_argument("--identities", type=int, default=90)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prior", type=Path, default=PRIOR)
    parser.add_argument("--cache", type=Path, default=Path(".cache/bench"))
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--images", type=Path, help="folder to write every reconstruction to")
    parser.add_argument("--config", default="{}", help="JSON of further attack settings")
    parser.add_argument("--table", action="store_true", help="only print the table of recorded cells")
    args = parser.parse_args()
    if not args.table:
        torch.set_num_threads(args.threads)
        run(args)
    table(args.out)


if __name__ == "__main__":
    main()
