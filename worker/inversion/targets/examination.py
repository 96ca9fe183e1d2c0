"""Checks that a network can be audited: finite weights, declared classes, varying output."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.errors import UnusableTarget
from worker.inversion.frozen import frozen
from worker.inversion.layout import device_of
from worker.inversion.targets.counting import MultiplyAdds
from worker.inversion.targets.outputs import NOTES, Outputs, check_soft, recognised
from worker.inversion.targets.registry import head_of
from worker.inversion.targets.target import Target

PROBES, FIRST = 8, 2
MORE, STRETCHED = 4, (1e6, 1e3, 1.0)
"""Extra batches of images, and their scales, to recognise the outputs of an activation."""


@dataclass(frozen=True)
class Examination:
    """The result of an examination: kind of outputs, sizes, and notes for the report.

    `multiply_adds` counts one image's pass, in matrix products and convolutions.
    """

    outputs: Outputs
    num_classes: int
    feature_dim: int
    parameters: int
    multiply_adds: int
    notes: tuple[str, ...]


def examine_target(target: Target, seed: int = 0) -> Examination:
    """Check the weights and the outputs for random images, and set `target.outputs`.

    Raises: HardOutputs for decisions instead of scores. UnusableTarget for NaN or infinite weights
        or outputs, a wrong class count, a constant output, or a network that fails on its own
        input size or has no gradient.
    """
    broken = [k for k, v in target.network.state_dict().items() if v.is_floating_point() and not v.isfinite().all()]
    if broken:
        raise UnusableTarget(f"NaN or infinite values in the weights: {', '.join(broken[:8])}")
    target.outputs = "logits"
    seen = _asked(target, seed)
    check_soft(seen.logits)
    if not _varies(seen.logits):
        raise UnusableTarget("the network gives the same output for every image: there is nothing to audit")
    if not seen.of_last_layer:
        target.outputs = _recognised(target, seen.logits, seed)
    if not _has_gradient(target, seed):
        raise UnusableTarget(
            "no gradient reaches the image, because the network rounds numbers or converts them to integers."
            " Export it without that step"
        )
    notes = (NOTES[target.outputs],) if target.outputs in NOTES else ()
    count = sum(p.numel() for p in target.network.parameters())
    return Examination(target.outputs, target.num_classes, seen.features.shape[1], count, seen.multiply_adds, notes)


class _Seen(NamedTuple):
    """Outputs of n random images.

    Attributes:
        logits, features: (n, K) and (n, d).
        multiply_adds: of one image.
        of_last_layer: whether the outputs are those of the last layer.
    """

    logits: Tensor
    features: Tensor
    multiply_adds: int
    of_last_layer: bool


def _asked(target: Target, seed: int) -> _Seen:
    """Run the network on 8 random images, every other one smooth.

    It stops after the first two, noise and a smooth one, if their outputs are equal and their
    features are equal too or multiplied by zero.

    Raises: UnusableTarget.
    """
    c = target.convention
    images = _images(target, seed)
    logits, features, last, multiply_adds = [], [], [], 0
    hook = head_of(target.network, target.num_classes).register_forward_hook(lambda _, __, out: last.append(out))
    try:
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
                        f"the network gives {found} outputs per image, but {target.num_classes} classes were declared"
                    )
                if not out.logits.isfinite().all():
                    raise UnusableTarget("the network gives NaN or infinite outputs for ordinary images")
                multiply_adds = counter.total // len(part)
                logits.append(out.logits)
                features.append(out.features)
                if not _varies(out.logits) and (_is_blank(target) or not _varies(out.features)):
                    break
    finally:
        hook.remove()
    return _Seen(torch.cat(logits), torch.cat(features), multiply_adds, _same(last, logits))


def _images(target: Target, seed: int) -> Tensor:
    """Return PROBES images, alternating noise and smooth."""
    c = target.convention
    rng = torch.Generator().manual_seed(seed)
    images = F.interpolate(torch.rand(PROBES, c.channels, 4, 4, generator=rng), (c.height, c.width), mode="bilinear")
    images[::2] = torch.rand(images[::2].shape, generator=rng)
    return images.to(device_of(target))


def _has_gradient(target: Target, seed: int) -> bool:
    """Return whether a gradient reaches any random image.

    One image at a time needs the least memory.
    """
    with frozen(target):
        for image in _images(target, seed).flip(0):
            seen = image[None].requires_grad_()
            logits = target(seen).logits
            if logits.requires_grad and bool(torch.autograd.grad(logits.square().sum(), seen)[0].any()):
                return True
    return False


def _recognised(target: Target, seen: Tensor, seed: int) -> Outputs:
    """Return the kind of outputs, from those already `seen` and from further images.

    The further images include inputs far outside the range of images, for which only an activation
    bounds the outputs. Rows that overflow are ignored. Stops when the outputs can only be logits.
    """
    kind = recognised(seen)
    with frozen(target), torch.no_grad():
        for batch, scale in itertools.product(range(MORE), STRETCHED):
            if kind == "logits":
                break
            images = _images(target, seed + 1 + batch)
            images[:2] = torch.tensor([0.0, 1.0], device=images.device).view(2, 1, 1, 1)
            outputs = target.network(target.convention.apply(images) * scale)
            seen = torch.cat([seen, outputs[outputs.isfinite().all(1)]])
            kind = recognised(seen)
    return kind


def _same(last: list[Any], outputs: list[Tensor]) -> bool:
    """Return whether the outputs are those of the last layer."""
    return len(last) == len(outputs) and all(
        isinstance(one, Tensor) and one.numel() == other.numel() and torch.equal(one.reshape(other.shape), other)
        for one, other in zip(last, outputs, strict=True)
    )


def _is_blank(target: Target) -> bool:
    """Return whether the last layer multiplies the features by zeros."""
    weight = getattr(head_of(target.network, target.num_classes), "weight", None)
    return isinstance(weight, Tensor) and not weight.any()


def _varies(outputs: Tensor) -> bool:
    """Return whether outputs (N, ...) differ between images by more than rounding."""
    spread = (outputs - outputs.mean(0)).abs().max()
    return bool(spread > 1e-6 * outputs.abs().max().clamp_min(1e-6))
