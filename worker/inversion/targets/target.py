"""The target T of an attack: a network behind its input convention, giving logits and penultimate features."""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor, nn

from worker.inversion.targets.convention import InputConvention
from worker.inversion.targets.outputs import Outputs, logits_of
from worker.inversion.targets.registry import head_of


class Output(NamedTuple):
    """logits (B, K), unbounded; features (B, d), the input of the last layer, spatially averaged if it has a map."""

    logits: Tensor
    features: Tensor


class Target(nn.Module):
    """T(x) and p(x) for images (B, C, H, W) in [0, 1].

    Args:
        outputs: what the network puts out; unless these are logits, logits are made of them (`logits_of`).

    The feature is read by a hook that lives for one call and is removed whatever happens.
    """

    def __init__(
        self, network: nn.Module, convention: InputConvention, num_classes: int, outputs: Outputs = "logits"
    ) -> None:
        super().__init__()
        self.network, self.convention, self.num_classes, self.outputs = network, convention, num_classes, outputs
        self._head = [head_of(network, num_classes)]  # in a list: no second registration of the same module

    def forward(self, images: Tensor) -> Output:
        seen: list[Tensor] = []

        def keep(module: nn.Module, args: tuple[Any, ...]) -> None:
            seen.append(args[0])

        hook = self._head[0].register_forward_pre_hook(keep)
        try:
            logits = self.network(self.convention.apply(images))
        finally:
            hook.remove()
        if isinstance(logits, tuple):  # networks with auxiliary heads, in train mode
            logits = logits[0]
        features = seen[-1]
        if features.ndim == 4:
            features = features.mean((2, 3))
        elif features.ndim == 3:
            features = features.mean(1)
        return Output(logits_of(logits, self.outputs), features)
