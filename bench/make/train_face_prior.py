"""Train a 64x64 colour face generator on FairFace for a given time.

    python -m bench.make.train_face_prior --data DIR --work DIR [--minutes 100] [--steps 40000]
    python -m bench.make.train_face_prior --data DIR --work DIR --export OUT

`--data` holds `fairface64-public.zip` and, for `--export`, a face verifier. `--work` receives
`checkpoint.pt` (another run resumes from it exactly), `log.jsonl`, and a sheet of samples every
few minutes for inspection. `--export` writes the current checkpoint as OUT.safetensors (half
precision) and OUT.json (recipe with the steps done, digests, key, kernel distance to held-out
faces, credit).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from bench.attacks.image_sets import held_out, read_zip
from worker.evaluation.metrics.kernel_distance import kernel_distance
from worker.evaluation.verifiers import Verifier
from worker.inversion.data import images_digest, to_uint8
from worker.inversion.priors.gan import GanTraining
from worker.inversion.priors.prior import Prior, load_prior, save_prior
from worker.inversion.priors.recipe import MAKERS, PriorRecipe, prior_key
from worker.inversion.priors.training import keep, start_training

SEED = 0
RECIPE: dict[str, Any] = {
    "kind": "non-saturating", "steps": 40_000, "width": 32, "kernel": 4, "critic_norm": False, "batch": 32,
    "lr_generator": 3e-4, "lr_critic": 3e-4, "beta1": 0.5, "gp": 0.2, "gp_images": 16, "gp_every": 8, "mirror": True,
}  # fmt: skip


def sheet(images: np.ndarray, columns: int = 8) -> Image.Image:
    """Return one picture of images uint8 (N, H, W, 3), `columns` per row."""
    n, h, w, c = images.shape
    rows = n // columns
    grid = images[: rows * columns].reshape(rows, columns, h, w, c).transpose(0, 2, 1, 3, 4)
    return Image.fromarray(grid.reshape(rows * h, columns * w, c))


def train(run: GanTraining, args: argparse.Namespace) -> None:
    start, kept, shown = time.monotonic(), time.monotonic(), time.monotonic() - args.show
    cpu = time.process_time()
    while run.done < args.steps and time.monotonic() - start < 60 * args.minutes:
        figures = run.step()
        if run.done % 50 == 0:
            line = {"step": run.done, "seconds": round(time.monotonic() - start, 1),
                    "cpu": round(time.process_time() - cpu, 1),
                    **{name: float(value) for name, value in figures.items()}}  # fmt: skip
            with (args.work / "log.jsonl").open("a") as log:
                log.write(json.dumps(line) + "\n")
        if time.monotonic() - kept > args.keep:
            keep(run, args.work / "checkpoint.pt")
            kept = time.monotonic()
        if time.monotonic() - shown > args.show:
            prior = run.prior()
            z = torch.randn(64, prior.latent_dim, generator=torch.Generator().manual_seed(1))
            with torch.no_grad():
                sheet(to_uint8(prior.decode(z))).save(args.work / f"samples-{run.done:06d}.png")
            shown = time.monotonic()
    keep(run, args.work / "checkpoint.pt")


def quality(prior: Prior, unseen: np.ndarray, verifier: Path) -> dict[str, Any]:
    """Return the kernel distance from samples to held-out faces, with reference distances.

    The references are the distance between two halves of the held-out faces and from noise to
    them. Features are a face verifier's embeddings, scaled to a mean square of 1 per dimension, so
    the kernel is (cosine + 1)^3. The values are not comparable with those on Inception features.
    """
    embed = Verifier(verifier).embed
    z = torch.randn(len(unseen), prior.latent_dim, generator=torch.Generator().manual_seed(7))
    with torch.no_grad():
        samples = to_uint8(torch.cat([prior.decode(part) for part in torch.split(z, 64)]))
    made, real = (e * e.shape[1] ** 0.5 for e in (embed(samples), embed(unseen)))
    noise = np.random.default_rng(0).integers(0, 256, unseen.shape, dtype=np.uint8)
    floor = kernel_distance(real[::2], real[1::2]).to_dict()
    worst = kernel_distance(embed(noise) * real.shape[1] ** 0.5, real).value
    return {"kernel_distance": kernel_distance(made, real).to_dict(), "real_to_real": floor, "noise_to_real": worst,
            "features": verifier.stem}  # fmt: skip


def export(
    prior: Prior, images: np.ndarray, recipe: dict[str, Any], unseen: np.ndarray, verifier: Path, out: Path,
    more: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Write the weights in half precision, and the card with their key and credit.

    Args:
        images: training images of the prior.
        recipe: recipe of the training.
        unseen: held-out images for the quality figures.
        more: further quality figures.
    """
    weights = out.with_suffix(".safetensors")
    prior.recipe = PriorRecipe.from_dict(recipe)
    save_prior(prior, weights, half=True)
    card = {
        "key": prior_key(images_digest(images), recipe, SEED),
        "built_in": True,
        "images": images_digest(images),
        "shape": list(prior.shape),
        "recipe": recipe,
        "seed": SEED,
        "code": MAKERS[recipe["kind"]].label,
        "torch": str(torch.__version__),
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "quality": quality(load_prior(weights), unseen, verifier) | (more or {}),
        "source": f"{len(images)} faces of FairFace, aligned by five landmarks and cut to 64x64",
        "credit": "FairFace (K. Karkkainen and J. Joo, WACV 2021), https://github.com/joojs/fairface",
        "license": "CC BY 4.0",
    }
    out.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=RECIPE["steps"])
    parser.add_argument("--minutes", type=float, default=100)
    parser.add_argument("--keep", type=float, default=180, help="seconds between checkpoints")
    parser.add_argument("--show", type=float, default=300, help="seconds between sheets of samples")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--export", type=Path, help="do not train; write the weights and their card here")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.work.mkdir(parents=True, exist_ok=True)
    public, unseen = held_out(read_zip(args.data / "fairface64-public.zip").images)
    run = start_training(public, RECIPE, seed=SEED, checkpoint=args.work / "checkpoint.pt")
    print(json.dumps({"images": images_digest(public), "recipe": RECIPE, "done": run.done}), flush=True)
    if args.export:
        verifier = args.data / "verifier-face64-casia.onnx"
        export(run.prior(), public, RECIPE | {"steps": run.done}, unseen, verifier, args.export)
    else:
        train(run, args)


if __name__ == "__main__":
    main()
