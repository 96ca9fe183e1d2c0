"""How many images fit into memory at once, and halving when fewer fit than planned."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

T = TypeVar("T")
SHARE = 0.7
"""Share of the free memory for saved activations. The rest is for workspaces and results."""
MARGIN, LIBRARIES = 1.2, 2**30


def free_bytes(device: torch.device) -> int:
    """Return the free memory of the GPU, or of the machine within the container's limit."""
    if device.type == "cuda":
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)  # cached
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


def bytes_of_a_row(loss: Callable[[Tensor], Tensor], two: Tensor) -> int:
    """Return the bytes of memory that a step takes per row.

    On a CPU these are the bytes that autograd keeps. On an accelerator, whose rows are many, they
    are measured by two steps too, with one row and with both, and get a margin.
    """
    kept = bytes_per_image(loss, two)
    if two.device.type == "cpu":
        return kept
    return int(MARGIN * max(kept, _peak(loss, two) - _peak(loss, two[:1])))


def _peak(loss: Callable[[Tensor], Tensor], rows: Tensor) -> int:
    """Return the most memory that a step with these rows held on a GPU. 0 on other devices."""
    if rows.device.type != "cuda":
        return 0
    torch.cuda.reset_peak_memory_stats(rows.device)
    before, leaf = torch.cuda.memory_allocated(rows.device), rows.detach().clone().requires_grad_()
    with torch.enable_grad():
        torch.autograd.grad(loss(leaf).sum(), leaf)
    return int(torch.cuda.max_memory_allocated(rows.device)) - before


def bytes_per_image(loss: Callable[[Tensor], Tensor], two: Tensor) -> int:
    """Return the bytes that autograd keeps per additional row.

    These are the bytes for both rows of `two` (2, ...) minus those for the first. Bytes that do
    not grow with the rows, such as saved weights, do not count.
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


def bytes_needed(networks: Iterable[nn.Module], each: int, device: torch.device) -> int:
    """Return the memory of a device on which a search fits, with a margin.

    These are the networks twice, because the search uses copies, what one image keeps and its
    gradients, and what PyTorch's libraries take on an accelerator.
    """
    tensors = {t for network in networks for t in itertools.chain(network.parameters(), network.buffers())}
    weights = sum(t.nbytes for t in tensors)
    libraries = 0 if device.type == "cpu" else LIBRARIES
    return int(MARGIN * (2 * weights + 2 * each + libraries))


def most_images(device: torch.device, planned: int, at_once: int) -> int:
    """Return the most images of a pass. A CPU is no faster with more than planned."""
    return planned if device.type == "cpu" else max(planned, at_once)


def that_fit(planned: int, each: int, free: int) -> int:
    """Return the planned rows, halved until they fit a share of the free memory; at least 1."""
    rows = planned
    while rows > 1 and rows * each > SHARE * free:
        rows //= 2
    return rows


def halving(run: Callable[[int], T], rows: int) -> tuple[T, int]:
    """Run `run(rows)`, again with half the rows whenever it runs out of memory.

    Returns: its result, and the rows of the run that succeeded.
    Raises: any error of `run`, including out of memory for a single row.
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
    """Return whether this error of Python or PyTorch means that memory ran out."""
    said = ("can't allocate memory", "CUDA error: out of memory", "STATUS_ALLOC_FAILED", "MPS backend out of memory")
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(words in str(error) for words in said)
