"""Compare measured costs of steps and forward passes with an audit's estimate.

    python -m bench.cost.step_cost [--threads 2] [--json]

An audit is estimated before anything runs (`app.contract.speed`), from the size of an image, the
multiply-adds counted by the intake, and the number of students. This prints, by target, the
milliseconds per image of a step of GMI's search (random weights, float32) and of a forward pass
alone (used by the controls), each with the ratio of measured to estimated.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from typing import Any

import torch

from app.contract.speed import forward_seconds, step_seconds
from worker.inversion.acceleration import fast_target
from worker.inversion.attacks.attack import Setting, Task, rows_of
from worker.inversion.attacks.gmi import Gmi
from worker.inversion.attacks.run import networks
from worker.inversion.frozen import frozen
from worker.inversion.layout import channels_last
from worker.inversion.priors.networks import Critic, Generator
from worker.inversion.priors.prior import Prior
from worker.inversion.priors.recipe import PriorRecipe, default_prior_recipe
from worker.inversion.progress import silent
from worker.inversion.students import default_student_recipe
from worker.inversion.targets import InputConvention, Target, build_network, examine_target

ROWS, CLASSES, WARM_UP = 40, 50, 2
CASES: tuple[tuple[str, dict[str, Any], int, int, int], ...] = (
    ("exhume/small-cnn", {}, 32, 1, 0),
    ("exhume/small-cnn", {}, 32, 1, 3),
    ("torchvision/resnet18", {}, 32, 3, 0),
    ("exhume/small-cnn", {}, 64, 3, 0),
    ("exhume/small-cnn", {}, 64, 3, 3),
    ("torchvision/resnet18", {}, 64, 3, 0),
    ("exhume/vgg16-bn", {}, 64, 3, 0),
    ("exhume/ir-50", {}, 64, 3, 0),
    ("timm/efficientnet_b0", {}, 64, 3, 0),
    ("torchvision/resnet18", {}, 128, 3, 0),
)


def network(name: str, given: dict[str, Any], size: int, channels: int) -> Target:
    convention = InputConvention(size, size, channels)
    return Target(build_network(name, given, CLASSES, channels), convention, CLASSES).eval()


def measure(name: str, given: dict[str, Any], size: int, channels: int, students: int, steps: int) -> dict[str, Any]:
    """Measure the time per image of a step after warm-up, and of a forward pass alone."""
    torch.manual_seed(0)
    T, shape = network(name, given, size, channels), (channels, size, size)
    recipe = default_student_recipe(T.convention)["networks"][:students]
    S = tuple(network(one, given, size, channels) for one, given in recipe)
    work = examine_target(T).multiply_adds
    made = PriorRecipe.from_dict(default_prior_recipe(shape))
    prior = Prior(Generator(made.latent_dim, made.width, shape), Critic(made.width, shape), made, shape)
    setting: Setting = "ma" if students else "baseline"
    step = forward = 0.0
    for count in (WARM_UP, WARM_UP + steps):
        attack = Gmi(setting=setting, restarts=4, steps=count, micro_batch=ROWS, pool=0)
        y, restart = rows_of(list(range(ROWS // 4)), 4)
        with frozen(T, prior, *S):
            models, fast_prior = networks(T, S, prior, attack)
            start = time.perf_counter()
            attack.search(Task(models, fast_prior, y, restart, None, 0, silent))
            step = time.perf_counter() - start - step  # subtracts the set-up, which both runs share
    fast, images = channels_last(fast_target(T, "float32")), torch.rand(64, *shape)
    with torch.inference_mode():
        for _ in range(2):
            start = time.perf_counter()
            fast(images)
            forward = (time.perf_counter() - start) / len(images)
    step /= ROWS * steps
    pixels = size * size / 1024
    return {
        "target": name, "size": size, "students": students, "multiply_adds": work, "step_ms": round(1e3 * step, 3),
        "step_ratio": round(step / step_seconds(pixels, work, students), 2), "forward_ms": round(1e3 * forward, 3),
        "forward_ratio": round(forward / forward_seconds(pixels, work), 2),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    lines = []
    for case in CASES:
        lines.append(measure(*case, args.steps))
        print("  ".join(f"{k} {v}" for k, v in lines[-1].items()), flush=True)
    if args.json:
        print(json.dumps({"bench": "step_cost", "cases": lines, "device": f"{platform.machine()} CPU"}))


if __name__ == "__main__":
    main()
