"""Train the two shipped 32x32 grey verifiers on Omniglot and export them to ONNX.

    python -m bench.make.train_verifiers [--only plain|residual] [--steps N] [--out worker/bundled]

Trains on the public alphabets. Prints rank-1 accuracy on real private images: held-out drawers
against templates of the training drawers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path

import torch

from worker.bundled import omniglot
from worker.evaluation.embedder_training import EmbedderRecipe, train_embedder
from worker.evaluation.panel import templates
from worker.evaluation.verifier_pair import SEEDS, export, make_embedder
from worker.evaluation.verifiers import Verifier
from worker.inversion.data import images_digest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted(SEEDS))
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("worker/bundled"))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = omniglot.load()
    for kind in [args.only] if args.only else sorted(SEEDS):
        start, seed = time.perf_counter(), SEEDS[kind]
        plain = kind == "plain"
        embedder = make_embedder(kind, 1, (32, 32))
        recipe = EmbedderRecipe("prototypical" if plain else "contrastive", steps=args.steps)
        train_embedder(
            embedder, data.public.images, data.public.labels, recipe, seed=seed,
            progress=lambda done, total, f: print(done, total, f, flush=True) if done % 250 == 0 else None,
        )  # fmt: skip
        path = args.out / f"verifier-omniglot32-{kind}.onnx"
        export(embedder, 1, (32, 32), path)
        verifier = Verifier(path)
        gallery, _ = templates(verifier.embed(data.private_train.images), data.private_train.labels)
        probes = verifier.embed(data.private_held_out.images)
        rank1 = float(((probes @ gallery.T).argmax(1) == data.private_held_out.labels).mean())
        card = {
            "shape": [1, 32, 32],
            "architecture": type(embedder).__name__,
            "loss": recipe.loss,
            "steps": recipe.steps,
            "seed": seed,
            "trained_on": images_digest(data.public.images),
            "rank1_private_held_out": rank1,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "source": "Omniglot (Lake et al., 2015; MIT), alphabets other than Korean, Latin and Greek",
        }
        path.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n")
        print(json.dumps({"verifier": kind, "rank1": rank1, "bytes": path.stat().st_size,
                          "seconds": round(time.perf_counter() - start, 1)}), flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
