"""Attack the demo's target in the four settings and score the attacks.

    python -m bench.attacks.omniglot [--seeds 0 1 2] [--settings baseline lom ma lomma] \\
        [--identities 90]
    python -m bench.attacks.omniglot --table

Writes one JSON line per cell, then prints the table. All settings of a seed start from the same
latents and have the same budget. Students are distilled once per seed. Seeds can run in separate
processes. `--table` prints the last recorded cell of every setting and seed. `--train-prior KIND`
trains a prior of that kind once on the public alphabets and uses it instead of the shipped one.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from bench.attacks.cells import file_digest, judged, record, stamp, table
from worker.bundled import omniglot
from worker.demo.train_target import train_demo_target
from worker.evaluation.evaluator import Evaluator, load_evaluator, save_evaluator, train_evaluator
from worker.evaluation.verifiers import bundled_verifiers
from worker.inversion.attacks import SETTINGS, Attack, Gmi, run_attack
from worker.inversion.data import images_digest
from worker.inversion.priors import default_prior_recipe, load_prior, prior_key, save_prior, train_prior
from worker.inversion.priors.recipe import MAKERS
from worker.inversion.students import (
    default_student_recipe,
    load_students,
    public_features,
    save_students,
    students_key,
    train_students,
)
from worker.inversion.targets import InputConvention, Target, load_target

RESULTS = Path(__file__).resolve().parents[1] / "results" / "omniglot.jsonl"
FULL_BATCHES = {"micro_batch": 64}
"""Larger batches than in the shards of an audit: many identities fill them, and rows cost less."""
PRIOR = Path(__file__).resolve().parents[2] / "worker" / "bundled" / "prior-omniglot32.safetensors"


def demo_target(cache: Path) -> tuple[Target, str]:
    """Return the demo's target, trained once with seed 0, and the digest of its weights."""
    cache.mkdir(parents=True, exist_ok=True)
    weights, card = cache / "target.safetensors", cache / "target.json"
    if not card.exists():
        card.write_text(json.dumps(train_demo_target(weights, seed=0)))
    c = json.loads(card.read_text())
    convention = InputConvention.from_dict(c["convention"])
    target = load_target(weights, c["architecture"], c["hyperparameters"], c["num_classes"], convention)
    return target, file_digest(weights)


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


def trained_prior(kind: str, target: Target, digest: str, steps: int | None, cache: Path) -> Path:
    """Return the file of a prior of this kind, trained once on the public alphabets.

    The recipe is the default of an audit.
    """
    public = omniglot.load().public.images
    recipe = default_prior_recipe((1, 32, 32), kind, num_classes=target.num_classes if kind == "kedmi" else 0)
    recipe |= {"steps": steps} if steps else {}
    key = prior_key(images_digest(public), recipe, target=digest)
    path = cache / f"prior-{kind}-{key[7:19]}.safetensors"
    if not path.exists():
        own = target if kind == "kedmi" else None

        def progress(done: int, total: int, figures: dict[str, float]) -> None:
            if done % 100 == 0:
                print(f"prior {kind}: {done} of {total}, {figures}", flush=True)

        prior = train_prior(public, recipe, seed=0, target=own, checkpoint=path.with_suffix(".pt"), progress=progress)
        save_prior(prior, path)
    return path


def spread(count: int) -> list[int]:
    """Return `count` of the 90 private identities, evenly spread over the alphabets."""
    return list(range(90))[:: max(1, 90 // count)][:count]


def run(args: argparse.Namespace) -> None:
    data = omniglot.load()
    target, target_digest = demo_target(args.cache)
    if args.train_prior:
        args.prior = trained_prior(args.train_prior, target, target_digest, args.prior_steps, args.cache)
    prior, evaluator = load_prior(args.prior), demo_evaluator(args.cache)
    p_reg = public_features(target, data.public.images)
    identities = spread(args.identities)
    references, verifiers = data.private_train, bundled_verifiers(prior.shape)
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
                "bench": "omniglot", "target": target_digest, "prior": file_digest(args.prior), "attack": config.name,
                "setting": setting, "seed": seed, "identities": len(identities),
                **judged(found, prior, references, evaluator, verifiers, config, seed),
                "seconds": round(seconds, 1), "seconds_students": round(distilling, 1) if config.uses_students else 0,
                "config": config.to_dict(), **stamp(),
            }  # fmt: skip
            record(line, args.out)
            if args.images:
                np.savez(args.images / f"{setting}-{seed}.npz", images=np.stack([r.image for r in found]),
                         selected=[r.selected for r in found], score=[r.target_score for r in found])  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--settings", nargs="+", default=list(SETTINGS), choices=SETTINGS)
    parser.add_argument("--identities", type=int, default=90)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prior", type=Path, default=PRIOR)
    parser.add_argument("--train-prior", choices=sorted(MAKERS), metavar="KIND")
    parser.add_argument("--prior-steps", type=int, help="overrides the recipe, with --train-prior")
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
