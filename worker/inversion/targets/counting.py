"""Counts the multiply-adds of a network's matrix products and convolutions."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry


def attention_flop(query: Tensor, key: Tensor, *_: Any, **__: Any) -> int:
    """Return the operations of attention over queries (B, H, N, d) and keys (B, H, M, d).

    They are the products of queries and keys, and of the weights and values.
    """
    return 4 * query.numel() * key.shape[-2]


FORMULAS: dict[Any, Callable[..., int]] = {
    **flop_registry,
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: attention_flop,
}
"""PyTorch's formulas in floating-point operations, two per multiply-add.

PyTorch's registry does not contain the CPU's attention.
"""


class MultiplyAdds(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts inside the context. `total` is over all images of a batch."""

    total: int = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Return False: skipping would import the compiler, which takes 0.9 s and is not used."""
        return False

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        out = func(*args, **given)
        formula = FORMULAS.get(func.overloadpacket)
        if formula is not None:
            self.total += formula(*args, **given, out_val=out) // 2
        return out
