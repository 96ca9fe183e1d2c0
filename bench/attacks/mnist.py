"""Attack digits 0-4 of MNIST through digits 5-9, the paper's split, in the four settings.

    python -m bench.attacks.mnist --data DIR --work DIR [--seeds 0 1 2] [--prior-steps 1500]
    python -m bench.attacks.mnist --table

Writes one JSON line per cell, then prints the table. `--data` holds `mnist.npz` (`x_train`,
`y_train`, `x_test`, `y_test`). Images of 28 px are padded to 32 px with two empty pixels on every
side, without resampling. The target is a small CNN trained on at most `--images` images of the
private digits. The prior and the students see only the public digits.

With five identities a share moves in steps of 20 points, so `top1_all` counts every restart,
selected or not. The verifiers are the shipped ones for characters, which were not trained on
digits. `real_rank1` is their accuracy on real test digits.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.attacks.cells import file_digest, judged, record, stamp, table
from bench.attacks.image_sets import LabelledImages, private_sets
from bench.make.train_target import TargetRecipe, open_target, save_target, train_target
from worker.evaluation.evaluator import Evaluator, load_evaluator, save_evaluator, train_evaluator
from worker.evaluation.panel import templates
from worker.evaluation.verifiers import Verifier, bundled_verifiers
from worker.inversion.attacks import SETTINGS, Attack, run_attack
from worker.inversion.data import images_digest
from worker.inversion.priors import load_prior, prior_key, save_prior, train_prior
from worker.inversion.students import (
    default_student_recipe,
    load_students,
    public_features,
    save_students,
    students_key,
    train_students,
)
from worker.inversion.targets import Target

RESULTS = Path(__file__).resolve().parents[1] / "results" / "mnist.jsonl"
TARGET = TargetRecipe(
    "exhume/small-cnn", {"width": 16, "feature_dim": 64, "dropout": 0.3}, size=32, epochs=4, lr=0.05,
    schedule="one-cycle", mirror=False,
)  # fmt: skip
PRIOR = {
    "kind": "non-saturating", "width": 24, "batch": 32, "critic_norm": False, "kernel": 4, "lr_generator": 3e-4,
    "lr_critic": 3e-4, "beta1": 0.5, "gp": 0.2, "gp_images": 8, "gp_every": 8,
}  # fmt: skip


def split(path: Path) -> tuple[LabelledImages, LabelledImages, np.ndarray]:
    """Return (private train, private test, public images) at 32 px.

    Private digits are 0-4. Public images are the digits 5-9 of the training half.
    """
    train, test = private_sets(path)

    def part(s: LabelledImages, keep: np.ndarray) -> LabelledImages:
        images = np.pad(s.images[keep], ((0, 0), (2, 2), (2, 2)))
        order = np.random.default_rng(0).permutation(len(images))  # the file is sorted by digit
        return LabelledImages(images[order], s.labels[keep][order], s.names[:5])

    public = part(train, train.labels >= 5).images
    return part(train, train.labels < 5), part(test, test.labels < 5), public


def real_rank1(references: LabelledImages, probes: LabelledImages, verifiers: list[Verifier]) -> float:
    """Return the share of real held-out images that all verifiers assign to their identity."""
    right = np.ones(len(probes.images), bool)
    for v in verifiers:
        gallery, names = templates(v.embed(references.images), references.labels)
        right &= names[(v.embed(probes.images) @ gallery.T).argmax(1)] == probes.labels
    return float(right.mean())


def prepared(
    args: argparse.Namespace, train: LabelledImages, test: LabelledImages, public: np.ndarray
) -> tuple[Target, dict[str, Any], Evaluator, Path]:
    """Return target, card of the target, evaluator and prior file, trained once in `--work`."""
    args.work.mkdir(parents=True, exist_ok=True)
    if not (args.work / "target.json").exists():
        T = train_target(train.images, train.labels, TARGET, checkpoint=args.work / "checkpoint.pt")
        save_target(T, TARGET, train, test, args.work)
    judge = args.work / "evaluator.safetensors"
    if not judge.exists():
        save_evaluator(train_evaluator(train.images, train.labels, seed=1, epochs=3), judge)
    recipe = PRIOR | {"steps": args.prior_steps}
    path = args.work / f"prior-{prior_key(images_digest(public), recipe)[7:19]}.safetensors"
    if not path.exists():
        save_prior(train_prior(public, recipe, seed=0, checkpoint=path.with_suffix(".pt")), path)
    target, card = open_target(args.work)
    return target, card, load_evaluator(judge), path


def students_of(target: Target, digest: str, public: np.ndarray, seed: int, work: Path) -> list[Target]:
    recipe = default_student_recipe(target.convention) | {"flips": False, "views": 1}
    key = students_key(digest, images_digest(public), recipe, seed)
    path = work / f"students-{key[7:27]}.safetensors"
    if not path.exists():
        save_students(train_students(target, public, recipe, seed=seed), recipe, path)
    return load_students(path)


def run(args: argparse.Namespace) -> None:
    train, test, public = split(args.data / "mnist.npz")
    train, test = (
        dataclasses.replace(s, images=s.images[: args.images], labels=s.labels[: args.images]) for s in (train, test)
    )
    public = public[: args.images]
    target, card, evaluator, path = prepared(args, train, test, public)
    prior, verifiers = load_prior(path), bundled_verifiers((1, 32, 32))
    references = dataclasses.replace(train, images=train.images[:1000], labels=train.labels[:1000])
    agreed = real_rank1(references, test, verifiers)
    print(f"target: {card['test_accuracy']:.1%} of real test digits; both verifiers: {agreed:.1%}", flush=True)
    regular = public_features(target, public)
    for seed in args.seeds:
        start = time.perf_counter()
        students = students_of(target, card["sha256"], public, seed, args.work)
        distilling = time.perf_counter() - start
        for setting in args.settings:
            attack = Attack.from_dict({"setting": setting, "restarts": 8, **args.config})
            own, start = students if attack.uses_students else [], time.perf_counter()
            found = run_attack(target, own, prior, regular, list(range(5)), attack, seed=seed)
            seconds = time.perf_counter() - start
            top = evaluator.top(np.stack([r.image for r in found]), 1)[:, 0]
            line = {
                "bench": "mnist", "target": f"sha256:{card['sha256']}", "target_name": "small-cnn",
                "target_accuracy": card["test_accuracy"], "prior": file_digest(path), "prior_name": "digits 5-9",
                "attack": attack.name, "setting": setting, "seed": seed, "identities": 5,
                **judged(found, prior, references, evaluator, verifiers, attack, seed),
                "top1_all": float(np.mean(top == [r.identity for r in found])), "real_rank1": agreed,
                "seconds": round(seconds, 1), "seconds_students": round(distilling, 1) if own else 0,
                "config": attack.to_dict(), **stamp(),
            }  # fmt: skip
            record(line, args.out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--work", type=Path, default=Path(".cache/mnist"))
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--settings", nargs="+", default=list(SETTINGS), choices=SETTINGS)
    parser.add_argument("--images", type=int, default=6_000, help="number of images per set")
    parser.add_argument("--prior-steps", type=int, default=1_500)
    parser.add_argument("--config", type=json.loads, default={}, help="JSON of further attack settings")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--table", action="store_true", help="only print the table of recorded cells")
    args = parser.parse_args()
    if not args.table:
        if args.data is None:
            raise SystemExit("--data is required: the folder of mnist.npz")
        torch.set_num_threads(args.threads)
        run(args)
    table(args.out)


if __name__ == "__main__":
    main()
