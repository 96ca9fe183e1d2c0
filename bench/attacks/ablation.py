"""Compare identity losses, regularisers and selection scores by verified success.

    python -m bench.attacks.ablation [--seeds 0 1 2] [--identities 45] [--rows NAME ...]
    python -m bench.attacks.ablation --on faces --data DIR --work DIR [--identities 37]
    python -m bench.attacks.ablation [--on faces] --table

Each row changes one thing in a plain attack (`bench.attacks.problems`). On characters the plain
attack starts from random latents and runs 150 steps with 4 restarts. On faces it is the short
search of `bench.attacks.faces` through principal components. All rows share seeds, latents and
budget. Cells that are already recorded are skipped.

The selection scores are compared on the reconstructions of the rows in `SELECTED`. Each score
picks one restart per identity. `best of 4` is the upper bound for every score.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bench.attacks.cells import judged, mean_share, stamp
from bench.attacks.problems import Problem, characters, faces
from worker.evaluation.statistics import mean_difference
from worker.evaluation.verification import verify
from worker.inversion.attacks import Attack, Reconstruction, run_attack
from worker.inversion.attacks.selection import light_views
from worker.inversion.data import to_tensor
from worker.inversion.targets import Target

FOLDER = Path(__file__).resolve().parents[1] / "results"
RESULTS = {"characters": FOLDER / "ablation.jsonl", "faces": FOLDER / "ablation_faces.jsonl"}
ROWS: dict[str, dict[str, Any]] = {
    "ce": {"setting": "baseline"},
    "ce + regulariser": {"setting": "lom", "identity_loss": "ce"},
    "logit (LOM)": {"setting": "lom"},
    "logit, lambda 0": {"setting": "lom", "lambda_reg": 0.0},
    "logit, lambda 0.3": {"setting": "lom", "lambda_reg": 0.3},
    "logit, lambda 3": {"setting": "lom", "lambda_reg": 3.0},
    "logit, lambda 10": {"setting": "lom", "lambda_reg": 10.0},
    "logit, sum over d": {"setting": "lom", "regulariser": "sum"},
    "logit, p_reg sample": {"setting": "lom", "p_reg": "sample"},
    "centred logit": {"setting": "lom", "identity_loss": "centred_lom"},
    "margin": {"setting": "baseline", "identity_loss": "max_margin"},
    "margin + regulariser": {"setting": "lom", "identity_loss": "max_margin"},
    "Poincare": {"setting": "baseline", "identity_loss": "poincare"},
    "logit, BatchNorm head": {"setting": "lom", "head": "batchnorm"},
    "logit, 400 steps": {"setting": "lom", "steps": 400},
    "LOMMA": {"setting": "lomma"},
    "LOMMA, lambda 0": {"setting": "lomma", "lambda_reg": 0.0},
    "LOMMA, lambda 3": {"setting": "lomma", "lambda_reg": 3.0},
    "margin, students": {"setting": "ma", "identity_loss": "max_margin"},
}
SELECTED = ("ce", "logit (LOM)", "LOMMA")
"""Rows whose reconstructions are used to compare the selection scores."""


def selection_scores(T: Target, students: list[Target], images: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """Return target-side scores of every image (R,); higher is better.

    Each score is taken on the image itself or averaged over 8 light views of it.
    """
    x, k = to_tensor(images), torch.as_tensor(y)

    def own(logits: Tensor) -> Tensor:
        return logits.gather(-1, k.expand(logits.shape[:-1])[..., None]).squeeze(-1)

    with torch.no_grad():
        views = torch.stack([T(view).logits for view in light_views(x, 8)])
        others = views.scatter(2, k.expand(views.shape[:2])[..., None], -torch.inf).amax(2)
        scores = {
            "log probability": own(views[0].log_softmax(1)),
            "log probability, 8 views": own(views.log_softmax(2)).mean(0),
            "logit": own(views[0]),
            "logit, 8 views": own(views).mean(0),
            "margin, 8 views": (own(views) - others).mean(0),
        }
        if students:
            with_students = torch.stack([S(view).logits for S in students for view in light_views(x, 8)])
            scores["log probability, students, 8 views"] = own(with_students.log_softmax(2)).mean(0)
    return {name: s.numpy() for name, s in scores.items()}


def by_selection(found: list[Reconstruction], on: Problem, students: list[Target]) -> dict[str, list[int]]:
    """Return by selection score whether the restart it picks is verified (0 or 1 per identity)."""
    images, y = np.stack([r.image for r in found]), np.array([r.identity for r in found])
    restarts = int((y == y[0]).sum())
    out = {}
    every = verify(
        images, y, on.references.images, on.references.labels, on.verifiers, reconstructions=images,
        reconstructed_for=y.tolist(),
    ).success.reshape(-1, restarts)  # fmt: skip
    for name, scores in selection_scores(on.target, students, images, y).items():
        best = scores.reshape(-1, restarts).argmax(1)
        out[name] = every[np.arange(len(every)), best].astype(int).tolist()
    return out | {"first": every[:, 0].astype(int).tolist(), "best of 4": every.any(1).astype(int).tolist()}


def run(on: Problem, args: argparse.Namespace) -> None:
    known = {(c["row"], c["seed"], c["identities"]) for c in recorded(args.out)}
    for name in args.rows:
        for seed in args.seeds:
            if (name, seed, len(on.identities)) in known:
                continue
            options = on.plain | ROWS[name]
            target, regular = (on.target, on.regular) if options.pop("head", None) is None else on.batchnorm_head
            attack = Attack.from_dict(options)
            students = on.students(seed) if attack.uses_students else []
            start = time.perf_counter()
            found = run_attack(target, students, on.prior, regular, on.identities, attack, seed=seed)
            seconds = time.perf_counter() - start
            figures = judged(
                found, on.prior, on.references, on.evaluator, on.verifiers, attack, seed, held_out=on.held_out,
                controls=on.controls,
            )  # fmt: skip
            line = {
                "bench": "ablation", "on": on.name, "row": name, "target": on.digest, "prior": on.prior_digest,
                "attack": attack.name, "setting": attack.setting, "seed": seed, "identities": len(on.identities),
                **figures, "seconds": round(seconds, 1), "config": attack.to_dict(), **stamp(),
            }  # fmt: skip
            if name in SELECTED:
                line["selection"] = by_selection(found, on, students)
            args.out.parent.mkdir(parents=True, exist_ok=True)
            with args.out.open("a") as file:
                file.write(json.dumps(line) + "\n")
            print(f"{name}, seed {seed}: verified {line['verified']:.1%}, {seconds:.0f} s", flush=True)


def recorded(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def table(path: Path) -> None:
    """Print Markdown tables of means over seeds with intervals over identities.

    Differences are paired by identity over the seeds that both rows have.
    """
    cells: dict[str, dict[int, dict[str, Any]]] = {}
    for c in recorded(path):
        cells.setdefault(c["row"], {})[c["seed"]] = c
    print(
        "| row | seeds | evaluator top-1 | rank 1, both | verified | 95 % | minus `ce` |\n|---|---|---|---|---|---|---|"
    )
    for name in [n for n in ROWS if n in cells]:
        own = cells[name]
        top, rank = (np.mean([c[k] for c in own.values()]) for k in ("top1", "rank1"))
        successes = {seed: c["success"] for seed, c in own.items()}
        base = {seed: c["success"] for seed, c in cells.get("ce", {}).items()} if name != "ce" else {}
        print(
            f"| {name} | {len(own)} | {top:.1%} | {rank:.1%} | {_share(successes)} | {_difference(successes, base)} |"
        )
    for name in [n for n in SELECTED if n in cells]:
        print(f"\n| selection of {name} | seeds | verified | 95 % | minus log probability |\n|---|---|---|---|---|")
        chosen = {s: {seed: c["selection"][s] for seed, c in cells[name].items()} for s in
                  next(iter(cells[name].values()))["selection"]}  # fmt: skip
        for score, successes in chosen.items():
            base = chosen["log probability"] if score != "log probability" else {}
            print(f"| {score} | {len(successes)} | {_share(successes)} | {_difference(successes, base)} |")


def _share(successes: dict[int, list[int]]) -> str:
    value, low, high = mean_share(list(successes.values()))
    return f"**{value:.1%}** | {low:.1%}-{high:.1%}"


def _difference(successes: dict[int, list[int]], base: dict[int, list[int]]) -> str:
    shared = sorted(successes.keys() & base.keys())
    if not shared:
        return "–"
    d = mean_difference(*(np.mean([s[seed] for seed in shared], axis=0) for s in (successes, base)))
    return f"{d.value:+.1%} [{d.low:+.1%}, {d.high:+.1%}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--on", default="characters", choices=sorted(RESULTS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--identities", type=int, help="default: 45 characters, 37 faces")
    parser.add_argument("--rows", nargs="+", default=list(ROWS), choices=list(ROWS), metavar="NAME")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path(".cache/bench"), help="folder of the models for characters")
    parser.add_argument("--data", type=Path, help="folder of the face sets and verifiers")
    parser.add_argument("--work", type=Path, default=Path(".cache/faces"), help="folder of the models for faces")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--table", action="store_true", help="only print the tables of recorded cells")
    args = parser.parse_args()
    args.out = args.out or RESULTS[args.on]
    if not args.table:
        torch.set_num_threads(args.threads)
        if args.on == "characters":
            run(characters(args.identities or 45, args.cache), args)
        elif args.data is None:
            raise SystemExit("--data is required: the folder of the face sets and verifiers")
        else:
            run(faces(args.identities or 37, args.data, args.work), args)
    table(args.out)


if __name__ == "__main__":
    main()
