"""A recorder for the CPU that replays PyTorch's operations, as a CUDA graph replays kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tests.unit.inversion.one_device import READS

Operation = tuple[Any, tuple[Any, ...], dict[str, Any], Any]


class Tape(TorchDispatchMode):
    """Records the operations of a function with their tensors.

    A replay computes the same operations on the same memory, and nothing of the function's Python
    runs again. Whatever the function decided in Python, or made in new memory, is as it was.
    """

    def __init__(self, operations: list[Operation]) -> None:
        super().__init__()
        self.operations = operations

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func.overloadpacket.__name__ in READS:
            raise RuntimeError(f"{func} reads a value while it is recorded")
        made = func(*args, **(kwargs or {}))
        self.operations.append((func, args, kwargs or {}, made))
        return made


class Tapes:
    """Records on the CPU."""

    def __init__(self) -> None:
        self.recorded, self.replayed = 0, 0

    def record(self, run: Callable[[], None]) -> Callable[[], None]:
        run()  # a GPU needs it, too
        operations: list[Operation] = []
        with Tape(operations):
            run()

        @torch.no_grad()
        def replay() -> None:
            self.replayed += 1
            for func, args, kwargs, made in operations:
                for old, new in zip(tensors(made), tensors(func(*args, **kwargs)), strict=True):
                    if old.untyped_storage().data_ptr() != new.untyped_storage().data_ptr():
                        old.copy_(new)

        return replay


def tensors(value: Any) -> list[Tensor]:
    """The tensors of an operation's result."""
    return [one for one in tree_leaves(value) if isinstance(one, Tensor)]
