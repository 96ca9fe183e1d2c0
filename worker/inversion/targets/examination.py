"""Is this network fit to be audited? Finite weights, the declared classes, an output that depends on the input."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from worker.inversion.errors import UnusableTarget
from worker.inversion.frozen import frozen
from worker.inversion.targets.target import Outputs, Target

PROBES = 24


@dataclass(frozen=True)
class Examination:
    """What was found: what the network puts out, its sizes, and notes for the report."""

    outputs: Outputs
    num_classes: int
    feature_dim: int
    parameters: int
    notes: tuple[str, ...]


def examine_target(target: Target, seed: int = 0) -> Examination:
    """Look at weights and at the outputs for random images; sets `target.outputs` to what was detected.

    Raises: UnusableTarget for NaN or infinite weights or outputs, a wrong class count, a constant output, a
        network that cannot process its own input size.
    """
    broken = [k for k, v in target.network.state_dict().items() if v.is_floating_point() and not v.isfinite().all()]
    if broken:
        raise UnusableTarget(f"NaN or infinite values in the weights: {', '.join(broken[:8])}")
    c = target.convention
    rng = torch.Generator().manual_seed(seed)
    coarse = torch.rand(PROBES, c.channels, 4, 4, generator=rng)
    images = F.interpolate(coarse, (c.height, c.width), mode="bilinear")
    images[::2] = torch.rand(images[::2].shape, generator=rng)
    target.outputs = "logits"
    with frozen(target), torch.no_grad():
        try:
            out = target(images)
        except RuntimeError as error:
            raise UnusableTarget(f"the network fails on {c.channels}x{c.height}x{c.width} input: {error}") from error
    logits = out.logits
    if logits.shape != (PROBES, target.num_classes):
        raise UnusableTarget(
            f"the network gives {tuple(logits.shape[1:])} outputs an image, {target.num_classes} classes were declared"
        )
    if not logits.isfinite().all():
        raise UnusableTarget("the network gives NaN or infinite outputs for ordinary images")
    spread = (logits - logits.mean(0)).abs().max()
    if spread <= 1e-6 * logits.abs().max().clamp_min(1e-6):
        raise UnusableTarget("the network gives the same output for every image: there is nothing to audit")
    notes: tuple[str, ...] = ()
    if bool(((logits >= 0) & (logits <= 1)).all()) and bool(((logits.sum(1) - 1).abs() < 1e-3).all()):
        target.outputs = "probabilities"
        notes = (
            "The network puts out probabilities. They were turned into logits by the logarithm; on these the logit"
            " loss equals cross-entropy up to the regulariser.",
        )
    count = sum(p.numel() for p in target.network.parameters())
    return Examination(target.outputs, target.num_classes, out.features.shape[1], count, notes)
