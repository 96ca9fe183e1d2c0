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
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)  # by PyTorch, for reuse
        return int(torch.cuda.mem_get_info(device)[0]) + kept
    free = [os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
        free = [int(lines["MemAvailable"].split()[0]) * 1024] if "MemAvailable" in lines else free
    limit, used = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
    if limit.exists() and used.exists() and (text := limit.read_text().strip()).isdecimal():
        free.append(int(text) - int(used.read_text()))
    return max(0, min(free))


def bytes_per_image(loss: Callable[[Tensor], Tensor], two: Tensor) -> int:
    """Bytes that autograd keeps for a row more: those of both rows of `two` (2, ...) less those of the first alone.

    What does not grow with the rows, such as weights that a layer keeps for its way back, is not an image's.
    """

    def kept(rows: Tensor) -> int:
        seen: dict[int, int] = {}

        def count(saved: Tensor) -> Tensor:
            seen[saved.untyped_storage().data_ptr()] = saved.untyped_storage().nbytes()
            return saved

        with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(count, lambda saved: saved):
            loss(rows.detach().clone().requires_grad_())
        return sum(seen.values())

    return max(0, kept(two) - kept(two[:1]))


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
    said = ("can't allocate memory", "CUDA error: out of memory", "STATUS_ALLOC_FAILED")
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(words in str(error) for words in said)
