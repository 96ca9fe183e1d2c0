"""How many images fit into memory at once, and what to do when fewer do than were planned."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

T = TypeVar("T")
SHARE = 0.7
"""Of the free memory that saved activations may take; the rest is for workspaces and for the passes' results."""


def free_bytes(device: torch.device) -> int:
    """Memory that this process may still take: of the GPU, else of the machine and of the container's limit."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    free = [os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
        free = [int(lines["MemAvailable"].split()[0]) * 1024] if "MemAvailable" in lines else free
    limit, used = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
    if limit.exists() and used.exists() and (text := limit.read_text().strip()).isdecimal():
        free.append(int(text) - int(used.read_text()))
    return max(0, min(free))


def bytes_per_image(loss: Callable[[Tensor], Tensor], one: Tensor) -> int:
    """Bytes of activations that autograd keeps for one row: `loss` is run on `one` (1, ...) and counted."""
    seen: dict[int, int] = {}

    def count(saved: Tensor) -> Tensor:
        if not isinstance(saved, torch.nn.Parameter):
            seen[saved.untyped_storage().data_ptr()] = saved.untyped_storage().nbytes()
        return saved

    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(count, lambda saved: saved):
        loss(one.detach().requires_grad_())
    return sum(seen.values())


def that_fit(planned: int, each: int, free: int) -> int:
    """The planned number of rows, halved until they take no more than a share of the free memory; at least 1."""
    rows = planned
    while rows > 1 and rows * each > SHARE * free:
        rows //= 2
    return rows


def halving(run: Callable[[int], T], rows: int) -> tuple[T, int]:
    """`run(rows)`, begun anew with half the rows each time it runs out of memory; its result and the rows it took.

    Raises: what `run` raises, and out of memory when a single row does not fit.
    """
    while True:
        try:
            return run(rows), rows
        except (MemoryError, RuntimeError) as error:
            if rows == 1 or not out_of_memory(error):
                raise
        rows = rows // 2
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def out_of_memory(error: BaseException) -> bool:
    """Whether this is PyTorch, on a GPU or a CPU, or Python saying that there is no more memory."""
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "can't allocate memory" in str(error)
