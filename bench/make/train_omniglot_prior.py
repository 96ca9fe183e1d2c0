"""Train the shipped 32x32 grey prior on the five public alphabets of Omniglot.

    python -m bench.make.train_omniglot_prior [--steps N] [--checkpoint FILE]
        [--out worker/bundled/prior-omniglot32]

Resumes from the checkpoint. Writes OUT.safetensors (half precision) and OUT.json (recipe, digests,
key).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path

import torch

from worker.bundled import omniglot
from worker.inversion.data import images_digest
from worker.inversion.priors.prior import save_prior
from worker.inversion.priors.recipe import MAKERS, default_prior_recipe, prior_key
from worker.inversion.priors.training import train_prior

SEED = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=Path("worker/bundled/prior-omniglot32"))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    public = omniglot.load().public.images
    recipe = default_prior_recipe((1, 32, 32))
    if args.steps is not None:
        recipe["steps"] = args.steps
    start = time.perf_counter()

    def progress(done: int, total: int, figures: dict[str, float]) -> None:
        if done % 250 == 0:
            print(
                json.dumps({"step": done, "of": total, "seconds": time.perf_counter() - start, **figures}), flush=True
            )

    prior = train_prior(public, recipe, seed=SEED, progress=progress, checkpoint=args.checkpoint)
    weights = args.out.with_suffix(".safetensors")
    save_prior(prior, weights, half=True)
    card = {
        "key": prior_key(images_digest(public), recipe, SEED),
        "images": images_digest(public),
        "recipe": recipe,
        "seed": SEED,
        "code": MAKERS[recipe["kind"]].label,
        "torch": str(torch.__version__),
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "source": "Omniglot (Lake et al., 2015; MIT), alphabets other than Korean, Latin and Greek",
    }
    args.out.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n")


if __name__ == "__main__":
    main()
