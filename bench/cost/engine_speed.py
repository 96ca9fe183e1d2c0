"""Compare the engine's search with a plain loop, change by change, on the same networks.

    python -m bench.cost.engine_speed [--threads 2] [--batch 16] [--repeats 3] [--json]

Rates are in image-steps per second. The plain loop follows the description of the published
attack: batches of 60 images, networks that collect weight gradients, contiguous layout, and two
losses read back per step. Every further rung adds one change to the rung before it.

The ceiling is the rate of the same convolutions alone: direct, forward and backward to their
input, channels last, in the engine's precision. Winograd's algorithm needs fewer multiplications,
so its share of the ceiling may exceed 1.

Random networks do not converge. The saving from stopping converged rows is therefore measured in
the same run on the demo's trained target (`bench.attacks.converged`). Its rung counts the
image-steps that were skipped.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bench.attacks.converged import CHECK_EVERY, STEPS, TOLERANCE, compare
from bench.attacks.paired import CACHE
from worker.inversion.acceleration import fast_prior, fast_target
from worker.inversion.acceleration.folding import folded
from worker.inversion.attacks.attack import Task, rows_of
from worker.inversion.attacks.capture import Recorder
from worker.inversion.attacks.gmi import PUBLISHED, Gmi
from worker.inversion.frozen import frozen
from worker.inversion.layout import channels_last, device_of
from worker.inversion.objective import ModelSet
from worker.inversion.priors.networks import Critic, Generator
from worker.inversion.priors.prior import Prior
from worker.inversion.priors.recipe import PriorRecipe
from worker.inversion.progress import silent
from worker.inversion.targets import InputConvention, Target, build_network
from worker.inversion.targets.vgg16_bn import Vgg16Bn

RESULTS = Path(__file__).resolve().parents[1] / "results" / "engine_speed.jsonl"
SHAPE, CLASSES, PLAIN_BATCH = (3, 64, 64), 1000, 60
ENGINE_STEPS = 5
"""Steps of the engine per step of the plain loop. A search also scores its first and last step."""


class Networks(NamedTuple):
    """Architecture of the target, its hyper-parameters, and width of generator and critic."""

    architecture: str = "exhume/vgg16-bn"
    hyperparameters: dict[str, Any] = {}  # noqa: RUF012 (never changed)
    width: int = 64


PAPER = Networks()


def make(networks: Networks = PAPER, classes: int = CLASSES) -> tuple[Target, Prior]:
    """Return a target and a prior at 64 px, as in the paper or others, with random weights."""
    torch.manual_seed(0)
    network = build_network(networks.architecture, networks.hyperparameters, classes, 3)
    T, width = Target(network, InputConvention(64, 64, 3), classes).eval(), networks.width
    return T, Prior(Generator(100, width, SHAPE), Critic(width, SHAPE), PriorRecipe(steps=1, width=width), SHAPE)


def plain_logits(network: nn.Module, x: Tensor) -> Tensor:
    """Return the logits of a network, of VGG16-BN without its conversion to channels last."""
    if isinstance(network, Vgg16Bn):
        x = network.bn(network.feature(x).flatten(1))
        network = network.fc_layer
    logits: Tensor = network(x)
    return logits


def plain_loop(T: Target, prior: Prior, batch: int, steps: int, trainable: bool = True) -> None:
    """Run the reference loop: contiguous layout, v and z as published."""
    G, D, net = prior.G, prior.D, T.network
    assert isinstance(G, Generator)
    assert isinstance(D, Critic)
    for network in (G, D, net):
        network.eval().requires_grad_(trainable)
    device = device_of(T)
    z, y = torch.randn(batch, 100, device=device), torch.arange(batch, device=device)
    v = torch.zeros_like(z)
    for _ in range(steps):
        z = z.detach().requires_grad_()
        x = G.blocks(G.project(z).view(batch, -1, 4, 4))
        logits = plain_logits(net, x)
        prior_loss, identity_loss = -D.layers(x).mean(), F.cross_entropy(logits, y)
        torch.autograd.backward(prior_loss + 100 * identity_loss)
        assert z.grad is not None
        before, v = v, 0.9 * v - 0.02 * z.grad
        z = (z.detach() - 0.9 * before + 1.9 * v).clamp(-1, 1)
        prior_loss.item(), identity_loss.item()


def engine_loop(T: Target, prior: Prior, batch: int, steps: int, recorder: Recorder | None = None) -> None:
    """Run the engine's search with these networks."""
    values = {**PUBLISHED, "setting": "baseline", "restarts": 1, "steps": steps, "check_every": steps}
    attack = Gmi(**{**values, "micro_batch": batch})
    with frozen(T, prior):
        y, restart = (t.to(device_of(T)) for t in rows_of(list(range(batch)), 1))
        attack.search(Task(ModelSet(T), prior, y, restart, None, 0, silent, recorder=recorder))


def rate(run: Callable[[int], None], images: int, steps: int, repeats: int) -> float:
    """Return image-steps per second, the best of `repeats` runs after one warm-up."""
    run(1)
    best = 0.0
    for _ in range(repeats):
        start = time.perf_counter()
        run(steps)
        best = max(best, images * steps / (time.perf_counter() - start))
    return best


def wait(device: torch.device) -> None:
    """Wait until a GPU has finished what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def convolutions(T: Target, prior: Prior) -> list[tuple[nn.Module, tuple[int, ...], float]]:
    """Return every convolution of the three networks.

    Returns: per convolution the module, the input shape of one image, and the FLOP of the forward
    pass and the input gradient.
    """
    found: list[tuple[nn.Module, tuple[int, ...], float]] = []

    def look(layer: nn.Module, args: tuple[Any, ...], out: Tensor) -> None:
        weight: Any = layer.weight
        pixels = (args[0] if isinstance(layer, nn.ConvTranspose2d) else out).shape[2:].numel()
        found.append((layer, tuple(args[0].shape[1:]), 2 * 2.0 * weight.numel() * pixels))

    layers = [m for n in (T, prior) for m in n.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    hooks = [layer.register_forward_hook(look) for layer in layers]
    with torch.no_grad():
        x = prior.decode(torch.randn(1, 100, device=device_of(T)))
        prior.realism(x)
        T(x)
    for hook in hooks:
        hook.remove()
    return found


def ceiling(T: Target, prior: Prior, batch: int, dtype: torch.dtype, repeats: int) -> tuple[float, float]:
    """Return (FLOP per image-step, FLOP/s of the convolutions alone)."""
    total, seconds, device = 0.0, 0.0, device_of(T)
    for layer, shape, flop in convolutions(T, prior):
        layer.requires_grad_(False)
        fast = channels_last(layer).to(dtype)
        x = torch.randn(batch, *shape, dtype=dtype, device=device)
        x = x.contiguous(memory_format=torch.channels_last).requires_grad_()
        times = []
        for _ in range(repeats + 1):
            wait(device)
            start = time.perf_counter()
            out = fast(x)
            torch.autograd.grad(out, x, out.detach())
            wait(device)
            times.append(time.perf_counter() - start)
        fast.float()
        total, seconds = total + flop, seconds + min(times[1:])
    return total, total * batch / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16, help="micro-batch of the engine")
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--setting", default="lom", choices=["baseline", "lom"], help="of the search that converges")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the demo's target is kept")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    T, prior = make()
    has_bf16 = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    b, steps, repeats = args.batch, args.steps, args.repeats
    ladder: dict[str, float] = {}
    batches: dict[str, int] = {}

    def rung(name: str, batch: int, run: Callable[[int], None], times: int = 1) -> None:
        ladder[name], batches[name] = rate(run, batch, times * steps, repeats), batch

    def engine(name: str, T: Target, prior: Prior, batch: int) -> None:
        rung(f"{name}, batch {batch}", batch, lambda n: engine_loop(T, prior, batch, n), ENGINE_STEPS)

    rung(f"plain loop, batch {PLAIN_BATCH}", PLAIN_BATCH, lambda n: plain_loop(T, prior, PLAIN_BATCH, n))
    rung(f"networks frozen, batch {PLAIN_BATCH}", PLAIN_BATCH, lambda n: plain_loop(T, prior, PLAIN_BATCH, n, False))
    engine("channels last", channels_last(T), channels_last(prior), PLAIN_BATCH)
    engine("smaller batch", T, prior, b)
    fold_T = Target(folded(T.network), T.convention, CLASSES)
    fold_prior = Prior(folded(prior.G), folded(prior.D), prior.recipe, SHAPE)
    engine("BatchNorm folded", fold_T, fold_prior, b)
    engine("Winograd, as the engine runs", fast_target(T, "float32"), fast_prior(prior, "float32"), b)
    if has_bf16:
        for batch in (b, PLAIN_BATCH):
            engine("bf16 instead, as asked for", fast_target(T, "bf16"), fast_prior(prior, "bf16"), batch)
    fastest = max(ladder, key=ladder.__getitem__)
    run, dtype = ladder[fastest], torch.bfloat16 if has_bf16 else torch.float32
    flop, limit = ceiling(fold_T, fold_prior, batches[fastest], dtype, repeats)
    saved = compare(
        setting=args.setting, tolerance=TOLERANCE, check_every=CHECK_EVERY, steps=STEPS, seeds=[0], identities=90,
        cache=args.cache, precision="bf16" if has_bf16 else "float32",
    )  # fmt: skip
    ladder["converged rows stopped"] = run * saved["speedup"]
    baseline, best = next(iter(ladder.values())), ladder["converged rows stopped"]
    for name, value in ladder.items():
        print(f"{name:42} {value:7.1f} image-steps/s  {value / baseline:5.2f}x")
    print(f"converged rows: {saved}")
    print(f"ceiling {limit / 1e9:.0f} GFLOP/s, {flop / 1e9:.1f} GFLOP per image-step; bf16 in hardware: {has_bf16}")
    line = {
        "ratio": round(best / baseline, 2), "ratio_every_step_run": round(run / baseline, 2),
        "ours": round(best, 1), "baseline": round(baseline, 1),
        "unit": "image-steps/s", "share_of_ceiling": round(run * flop / limit, 3),
        "device": f"{platform.machine()} CPU {torch.backends.cpu.get_cpu_capability()}, {args.threads} threads",
    }  # fmt: skip
    record = {"bench": "engine_speed", **line, "ladder": {k: round(v, 1) for k, v in ladder.items()},
              "converged": saved,
              "ceiling_gflops": round(limit / 1e9, 1), "bf16": has_bf16, "torch": str(torch.__version__)}  # fmt: skip
    with args.out.open("a") as file:
        file.write(json.dumps(record) + "\n")
    if args.json:
        print(json.dumps(line))


if __name__ == "__main__":
    main()
