"""A watch for work that would make a GPU wait, on PyTorch's device without data (`meta`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

META = torch.device("meta")
READS = ("_local_scalar_dense", "item", "nonzero", "is_nonzero", "equal", "unique", "masked_select")


class TwoDevicesError(AssertionError):
    """A step used tensors of two devices, or copied one from or to the device."""


class ValueReadError(AssertionError):
    """A step read a value, for which a GPU has to finish its work."""


class Float64Error(AssertionError):
    """A tensor of the device is float64, which GPUs of Apple do not have."""


class OneDevice(TorchDispatchMode):
    """Fails on mixed devices and float64 on the device, and in `step` on copies and reads.

    A generator counts as a tensor of its device.

    A tensor of the CPU without dimensions is a number: any device takes it without waiting, and
    optimisers count their steps in one.
    Outside a step, values that are read are 1, and counted in `reads`. `resampled` has the devices
    that made views of images.
    """

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.operations, self.reads = False, 0, 0
        self.resampled: set[torch.device] = set()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name, given = func.overloadpacket.__name__, {**(kwargs or {})}
        used = [one for one in tree_leaves((args, given)) if isinstance(one, Tensor) and one.ndim > 0]
        devices = {one.device for one in used}
        copies = name in {"_to_copy", "copy_"}
        if name in READS and any(one.device == META for one in tree_leaves(args) if isinstance(one, Tensor)):
            if self.inside:
                raise ValueReadError(f"{func} inside a step")
            self.reads += 1
            return 1.0
        if name == "_to_copy" and META in devices and given.get("device") == torch.device("cpu"):
            if self.inside:
                raise ValueReadError(f"{func} inside a step")
            self.reads += 1
            return torch.ones(args[0].shape, dtype=given.get("dtype") or args[0].dtype)
        if len(devices) > 1 and not copies:
            raise TwoDevicesError(f"{func} on {sorted(map(str, devices))}")
        made = func(*args, **given)
        results = [one for one in tree_leaves(made) if isinstance(one, Tensor)]
        if any(one.dtype == torch.float64 and one.device == META for one in results):
            raise Float64Error(f"{func} makes float64 on the device")
        devices |= {one.device for one in results if one.ndim > 0}
        self.resampled |= devices if name == "grid_sampler_2d" else set()
        generators = {one.device for one in tree_leaves((args, given)) if isinstance(one, torch.Generator)}
        if len(devices | generators) > 1 and generators:
            raise TwoDevicesError(f"{func} on {sorted(map(str, devices))} draws from {sorted(map(str, generators))}")
        if self.inside:
            self.operations += 1
            if len(devices) > 1 or torch.device("cpu") in devices:
                raise TwoDevicesError(f"{func} on {sorted(map(str, devices))} inside a step")
        return made

    @contextmanager
    def step(self) -> Iterator[None]:
        """Run a step inside the block."""
        self.inside = True
        try:
            yield
        finally:
            self.inside = False

    def watched(self, step: Callable[..., Any]) -> Callable[..., Any]:
        """Return the step, which fails on what would make a GPU wait."""

        def run(*args: Any, **kwargs: Any) -> Any:
            with self.step():
                return step(*args, **kwargs)

        return run
