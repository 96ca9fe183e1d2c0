"""The target T of an attack: a network with its input convention, logits and features."""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor, nn

from worker.inversion.targets.convention import InputConvention
from worker.inversion.targets.outputs import Outputs, logits_of
from worker.inversion.targets.registry import head_of


class Output(NamedTuple):
    """Output of a target.

    Attributes:
        logits: (B, K), unbounded.
        features: (B, d), the input of the last layer, spatially averaged if it is a map.
    """

    logits: Tensor
    features: Tensor


class Target(nn.Module):
    """T(x) and p(x) for images (B, C, H, W) in [0, 1].

    A hook reads the features. It exists for one call and is always removed.

    Args:
        outputs: kind of the network's outputs. Other kinds than logits are converted
            (`logits_of`).
    """

    def __init__(
        self, network: nn.Module, convention: InputConvention, num_classes: int, outputs: Outputs = "logits"
    ) -> None:
        super().__init__()
        self.network, self.convention, self.num_classes, self.outputs = network, convention, num_classes, outputs
        self._head = [head_of(network, num_classes)]  # in a list, to register the module once only

    def forward(self, images: Tensor) -> Output:
        seen: list[Tensor] = []

        def keep(module: nn.Module, args: tuple[Any, ...]) -> None:
            seen.append(args[0])

        hook = self._head[0].register_forward_pre_hook(keep)
        try:
            logits = self.network(self.convention.apply(images))
        finally:
            hook.remove()
        if isinstance(logits, tuple):  # auxiliary heads, in train mode
            logits = logits[0]
        features = seen[-1]
        if features.ndim == 4:
            features = features.mean((2, 3))
        elif features.ndim == 3:
            features = features.mean(1)
        return Output(logits_of(logits, self.outputs), features)
