"""Fit the shipped 64x64 colour face prior: principal components of FairFace.

    python -m bench.make.fit_face_prior --data DIR [--out worker/bundled/prior-fairface64]

Takes about a minute on two cores. `--data` holds `fairface64-public.zip` and a face verifier.
Writes OUT.safetensors (half precision) and OUT.json (recipe, digests, key, share of the variance,
kernel distance to held-out faces, credit). `bench.attacks.prior_ceiling` measures how much of a
person the prior can show.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch

from bench.attacks.image_sets import held_out, read_zip
from bench.make.train_face_prior import SEED, export
from worker.inversion.priors.principal_components import principal_components
from worker.inversion.priors.recipe import PriorRecipe, default_prior_recipe

COMPONENTS = 320
"""The most that stay below 16 MiB in half precision: 2 x 64 x 64 x 3 x 320 numbers."""
OUT = Path("worker/bundled/prior-fairface64")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--components", type=int, default=COMPONENTS)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    public, unseen = held_out(read_zip(args.data / "fairface64-public.zip").images)
    recipe = default_prior_recipe((3, 64, 64), "pca") | {"latent_dim": args.components}
    seen: dict[str, Any] = {}

    def progress(done: int, total: int, figures: dict[str, float]) -> None:
        print(f"round {done} of {total}", figures, flush=True)
        seen.update(figures)

    prior = principal_components(public, PriorRecipe.from_dict(recipe), seed=SEED, progress=progress)
    export(prior, public, recipe, unseen, args.data / "verifier-face64-casia.onnx", args.out, seen)
    print(args.out.with_suffix(".json").read_text())


if __name__ == "__main__":
    main()
