"""Views, regulariser, restarts and submission of searches from the decoder's start, on faces.

    python -m bench.attacks.grid --data DIR --work DIR [--priors lfw fairface]
    python -m bench.attacks.grid --table

A cell is one search: a number of views a step, their kind, and lambda. It is made once with the
most restarts. Fewer restarts and the three kinds of submissions are read from the same latents:
`select` submits the restart that the target scores best under light views, `mean` the mean latent
of the closed form and the restarts, `shrunk` 0.8 of it. Prior, refit, targets and judges are those
of `bench.attacks.submissions`. Cells that are already recorded are skipped.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from app.contract.engine import PCA_OPTIONS
from bench.attacks.cells import Remembering, stamp
from bench.attacks.faces import PUBLIC, Faces, quick_faces
from bench.attacks.image_sets import private_sets, read_zip
from worker.evaluation.controls import prior_control
from worker.evaluation.statistics import mean_difference
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import Verifier
from worker.inversion.attacks import Attack
from worker.inversion.attacks.attack import Task, rows_of
from worker.inversion.attacks.run import networks
from worker.inversion.attacks.selection import put_forward, target_scores
from worker.inversion.data import to_tensor, to_uint8
from worker.inversion.domain_refit import refit_domain
from worker.inversion.frozen import frozen
from worker.inversion.priors import load_prior
from worker.inversion.progress import silent
from worker.inversion.students import public_features

RESULTS = Path(__file__).resolve().parents[1] / "results" / "grid.jsonl"
VIEWS = [(0, "mirrored"), *product((1, 2, 4), ("mirrored", "crop"))]
LAMBDAS = (1.0, 3.0, 10.0)
RESTARTS = (1, 2, 4)
SHRUNK = 0.8


class Setup:
    """A target, a refitted prior and its decoder, and the judges."""

    def __init__(self, faces: Faces, prior_name: str) -> None:
        self.faces, self.name = faces, prior_name
        self.target, self.card = faces.classifier(f"target-{faces.target_name}", faces.targets[faces.target_name])
        public = read_zip(faces.data / PUBLIC[prior_name]).images
        prior = load_prior(faces.prior(prior_name, "pca", public, self.target, self.card["sha256"]))
        self.features = public_features(self.target, public)
        plain = Attack.from_dict({"attack": "decoder"})
        self.prior, self.latents, *_ = refit_domain(self.target, prior, public, self.features, plain, seed=0)
        self.nearest = faces.nearest_public(self.target, self.card["sha256"], public)
        self.references, self.held_out = private_sets(faces.data / "lfw64-private.zip")
        self.verifiers = [Remembering(Verifier(p)) for p in sorted(faces.data.glob("verifier-face64-*.onnx"))]

    def search(self, attack: Attack, seed: int) -> Tensor:
        """Return latents (N, restarts, d)."""
        y, restart = rows_of(self.faces.identities, attack.restarts)
        with frozen(self.target, self.prior):
            models, fast = networks(self.target, (), self.prior, attack)
            task = Task(models, fast, y, restart, self.features.mean, seed, silent, self.latents)
            return attack.search(task).z.view(len(self.faces.identities), attack.restarts, -1)

    def images(self, z: Tensor) -> np.ndarray:
        with torch.no_grad():
            return to_uint8(torch.cat([self.prior.decode(part) for part in torch.split(z, 64)]))

    def selected(self, z: Tensor) -> Tensor:
        """Return the latents (N, d) of the restarts that the target scores best."""
        y = torch.tensor(self.faces.identities).repeat_interleave(z.shape[1])
        x = to_tensor(self.images(z.flatten(0, 1)))
        with torch.no_grad():
            scored = target_scores(self.target, x, y, views=8, micro_batch=40, cropped=False)
        best = put_forward(scored.mean_log_p.view(z.shape[:2]), "augmented").int().argmax(1)
        return z[torch.arange(len(z)), best]

    def verified(self, submitted: Tensor, found: Tensor, *, consensus: bool, seed: int) -> list[int]:
        """Return 1 for every identity that both verifiers recognise."""
        identities = self.faces.identities
        every = [self.images(found[:, r]) for r in range(found.shape[1])] + [self.images(submitted)] * consensus
        samples = prior_control(self.prior, identities, draws=found.shape[1], seed=seed, consensus=consensus)
        v = verify(
            self.images(submitted), np.array(identities), self.references.images, self.references.labels,
            self.verifiers, reconstructions=np.concatenate(every), reconstructed_for=identities * len(every),
            controls={"prior": samples, "nearest-public": self.nearest},
            held_out=(self.held_out.images, self.held_out.labels),
        )  # fmt: skip
        return [int(one) for one in v.success]


def lines(setup: Setup, cell: dict[str, Any], steps: int, seed: int) -> list[dict[str, Any]]:
    """Make the search of a cell. Return a line for each number of restarts and submission."""
    begun = time.process_time()
    attack = Attack.from_dict(
        {"attack": "warm-start-views", "steps": steps, "restarts": max(RESTARTS)}
        | PCA_OPTIONS["warm-start-views"]
        | cell
    )
    z = setup.search(attack, seed)
    seconds, own, made = time.process_time() - begun, setup.latents[setup.faces.identities], []
    for count in RESTARTS:
        part = z[:, :count]
        mean = torch.cat([own[:, None], part], 1).mean(1)
        submissions = {"select": setup.selected(part), "mean": mean, "shrunk": SHRUNK * mean}
        for name, submitted in submissions.items():
            success = setup.verified(submitted, part, consensus=name != "select", seed=seed)
            made.append(
                {
                    "bench": "grid", "target": setup.faces.target_name, "prior": setup.name, "seed": seed, **cell,
                    "steps": steps, "restarts": count, "submission": name, "verified": float(np.mean(success)),
                    "success": success, "processor_seconds": round(seconds, 1), **stamp(),
                }
            )  # fmt: skip
    return made


def table(path: Path) -> None:
    """Print the shares of each search by restarts and submission.

    The last column is the difference of the mean with most restarts from that of one plain search
    with lambda 3.
    """
    cells: dict[tuple[Any, ...], dict[str, Any]] = {}
    for text in path.read_text().splitlines():
        one = json.loads(text)
        cell = (one["prior"], one["views_per_step"], one["view"], one["lambda_reg"])
        cells[*cell, one["restarts"], one["submission"]] = one
    heads = [f"{name} of {', '.join(map(str, RESTARTS))}" for name in ("select", "mean", "shrunk")]
    for prior in sorted({key[0] for key in cells}):
        first = cells[prior, *VIEWS[0], 3.0, 1, "mean"]
        print(f"\n| {prior}: views | lambda | {' | '.join(heads)} | mean of {RESTARTS[-1]}, minus one plain search |")
        print("|" + "---|" * 6)
        for (views, kind), weight in product(VIEWS, LAMBDAS):
            own = {key[4:]: one for key, one in cells.items() if key[:4] == (prior, views, kind, weight)}
            if not own:
                continue
            shares = [
                ", ".join(f"{100 * own[count, name]['verified']:.1f}" for count in RESTARTS) + " %"
                for name in ("select", "mean", "shrunk")
            ]
            most = np.array(own[RESTARTS[-1], "mean"]["success"], float)
            d = mean_difference(100 * most, 100 * np.array(first["success"], float))
            words = f"{views}, {kind}" if views else "none"
            print(f"| {words} | {weight:g} | {' | '.join(shares)} | {d.value:+.1f} [{d.low:+.1f}, {d.high:+.1f}] |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--work", type=Path, default=Path(".cache/faces"))
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--priors", nargs="+", choices=["lfw", "fairface"], default=["lfw", "fairface"])
    parser.add_argument("--identities", type=int, default=37)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--table", action="store_true", help="only print what was recorded")
    args = parser.parse_args()
    if not args.table:
        if args.data is None:
            raise SystemExit("--data is required: the folder of the face sets and verifiers")
        torch.set_num_threads(args.threads)
        known = [json.loads(text) for text in args.out.read_text().splitlines()] if args.out.exists() else []
        for prior in args.priors:
            setup = Setup(quick_faces(args.data, args.work, args.identities), prior)
            for (views, kind), weight in product(VIEWS, LAMBDAS):
                cell = {"views_per_step": views, "view": kind, "lambda_reg": weight}
                same = cell | {"prior": prior, "seed": args.seed, "steps": args.steps}
                if any(same.items() <= one.items() for one in known):
                    continue
                with args.out.open("a") as file:
                    file.writelines(json.dumps(line) + "\n" for line in lines(setup, cell, args.steps, args.seed))
    table(args.out)


if __name__ == "__main__":
    main()
