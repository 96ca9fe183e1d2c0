"""Measure how much of a person a prior can show, by rebuilding the private photographs.

    python -m bench.attacks.prior_ceiling --data DIR PRIOR.safetensors [PRIOR.safetensors ...]

Uses no target. Each photograph is approximated in pixels, starting from the nearest of 1,024
latents (from its own latent for a linear prior). Both face verifiers then assess the result like a
reconstruction. An attack through the prior cannot be expected to show more. Lines are appended to
`results/prior_ceiling.jsonl`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bench.attacks.cells import Remembering, file_digest, stamp
from bench.attacks.image_sets import private_sets
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import Verifier
from worker.inversion.data import to_tensor, to_uint8
from worker.inversion.priors import Prior, load_prior
from worker.inversion.priors.linear import GaussianRealism

RESULTS = Path(__file__).resolve().parents[1] / "results" / "prior_ceiling.jsonl"
POOL, RATE, SHRINKAGE = 1024, 0.05, 1e-5


def rebuilt(prior: Prior, x: Tensor, steps: int) -> Tensor:
    """Return images (N, C, H, W) in [0, 1], decoded from the latents that approximate `x` best.

    Minimises mean_pixels (G(z) - x)^2 + 1e-5 |z|^2 over z with Adam.
    """
    if isinstance(prior.D, GaussianRealism):
        z = prior.D.latents(x)
    else:
        pool = torch.randn(POOL, prior.latent_dim, generator=torch.Generator().manual_seed(0))
        decoded = torch.cat([prior.decode(part) for part in torch.split(pool, 64)])
        z = pool[torch.cdist(x.flatten(1), decoded.flatten(1)).argmin(1)]
    z = z.clone().requires_grad_()
    adam = torch.optim.Adam([z], lr=RATE)
    for _ in range(steps):
        adam.zero_grad()
        loss = (prior.decode(z) - x).square().flatten(1).mean(1).sum() + SHRINKAGE * z.square().sum()
        torch.autograd.backward(loss)
        adam.step()
    return prior.decode(z.detach())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("priors", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, required=True, help="folder of lfw64-private.zip and the face verifiers")
    parser.add_argument("--images", type=int, default=2, help="photographs per person")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    references, held_out = private_sets(args.data / "lfw64-private.zip")
    verifiers = [Remembering(Verifier(p)) for p in sorted(args.data.glob("verifier-face64-*.onnx"))]
    people = sorted(set(references.labels.tolist()))
    pick = np.concatenate([np.flatnonzero(references.labels == k)[: args.images] for k in people])
    labels, x = references.labels[pick], to_tensor(references.images[pick])
    for path in args.priors:
        prior = load_prior(path)
        with torch.no_grad():
            mean_error = float((prior.decode(torch.zeros(1, prior.latent_dim)) - x).square().mean())
        made = torch.cat([rebuilt(prior, part, args.steps) for part in torch.split(x, 37)])
        found = verify(
            to_uint8(made), labels, references.images, references.labels, verifiers,
            reconstructions=to_uint8(made), reconstructed_for=labels, held_out=(held_out.images, held_out.labels),
        )  # fmt: skip
        rank = np.max([r.rank for r in found.readings], axis=0)
        line: dict[str, Any] = {
            "bench": "prior_ceiling", "prior": file_digest(path), "recipe": prior.recipe.to_dict(),
            "images": len(pick), "people": len(people), "verified": round(float(found.success.mean()), 4),
            "rank1": round(float((rank == 1).mean()), 4), "bits": round(float(np.log2(len(people) / rank).mean()), 3),
            "squared_error": round(float((made - x).square().mean()), 5), "of_the_mean_image": round(mean_error, 5),
            "steps": args.steps, **stamp(),
        }  # fmt: skip
        with args.out.open("a") as file:
            file.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
