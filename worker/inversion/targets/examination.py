"""Is this network fit to be audited? Finite weights, the declared classes, an output that depends on the input."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.errors import UnusableTarget
from worker.inversion.frozen import frozen
from worker.inversion.layout import device_of
from worker.inversion.targets.counting import MultiplyAdds
from worker.inversion.targets.registry import head_of
from worker.inversion.targets.target import Outputs, Target

PROBES, FIRST = 8, 2


@dataclass(frozen=True)
class Examination:
    """What was found: what the network puts out, its sizes, and notes for the report.

    `multiply_adds` are those of one image's way through it, in its matrix products and convolutions.
    """

    outputs: Outputs
    num_classes: int
    feature_dim: int
    parameters: int
    multiply_adds: int
    notes: tuple[str, ...]


def examine_target(target: Target, seed: int = 0) -> Examination:
    """Look at weights and at the outputs for random images; sets `target.outputs` to what was detected.

    Raises: UnusableTarget for NaN or infinite weights or outputs, a wrong class count, a constant output, a
        network that cannot process its own input size.
    """
    broken = [k for k, v in target.network.state_dict().items() if v.is_floating_point() and not v.isfinite().all()]
    if broken:
        raise UnusableTarget(f"NaN or infinite values in the weights: {', '.join(broken[:8])}")
    target.outputs = "logits"
    logits, features, multiply_adds = _asked(target, seed)
    if not _varies(logits):
        raise UnusableTarget("the network gives the same output for every image: there is nothing to audit")
    notes: tuple[str, ...] = ()
    if bool(((logits >= 0) & (logits <= 1)).all()) and bool(((logits.sum(1) - 1).abs() < 1e-3).all()):
        target.outputs = "probabilities"
        notes = (
            "The network puts out probabilities. They were turned into logits by the logarithm; on these the logit"
            " loss equals cross-entropy up to the regulariser.",
        )
    count = sum(p.numel() for p in target.network.parameters())
    return Examination(target.outputs, target.num_classes, features.shape[1], count, multiply_adds, notes)


def _asked(target: Target, seed: int) -> tuple[Tensor, Tensor, int]:
    """Logits (n, C) and features (n, d) of n = 8 random images, every other one smooth; of the first two alone, noise
    and a smooth one, when their features are the same or count for nothing. And the multiply-adds of one of them.

    Raises: UnusableTarget.
    """
    c = target.convention
    rng = torch.Generator().manual_seed(seed)
    images = F.interpolate(torch.rand(PROBES, c.channels, 4, 4, generator=rng), (c.height, c.width), mode="bilinear")
    images[::2] = torch.rand(images[::2].shape, generator=rng)
    images = images.to(device_of(target))
    logits, features, multiply_adds = [], [], 0
    with frozen(target), torch.no_grad():
        for part in (images[:FIRST], images[FIRST:]):
            try:
                with MultiplyAdds() as counter:  # type: ignore[no-untyped-call]
                    out = target(part)
            except RuntimeError as error:
                size = f"{c.channels}x{c.height}x{c.width}"
                raise UnusableTarget(f"the network fails on {size} input: {error}") from error
            if out.logits.shape != (len(part), target.num_classes):
                found = tuple(out.logits.shape[1:])
                raise UnusableTarget(
                    f"the network gives {found} outputs an image, {target.num_classes} classes were declared"
                )
            if not out.logits.isfinite().all():
                raise UnusableTarget("the network gives NaN or infinite outputs for ordinary images")
            multiply_adds = counter.total // len(part)
            logits.append(out.logits)
            features.append(out.features)
            if not _varies(out.logits) and (_is_blank(target) or not _varies(out.features)):
                break
    return torch.cat(logits), torch.cat(features), multiply_adds


def _is_blank(target: Target) -> bool:
    """The last layer multiplies the features by zeros."""
    weight = getattr(head_of(target.network, target.num_classes), "weight", None)
    return isinstance(weight, Tensor) and not weight.any()


def _varies(outputs: Tensor) -> bool:
    """Between images (N, ...), by more than rounding."""
    spread = (outputs - outputs.mean(0)).abs().max()
    return bool(spread > 1e-6 * outputs.abs().max().clamp_min(1e-6))
