"""A step of a search that is recorded once and then replayed, as a CUDA graph is, in one launch.

Without it, a GPU waits for Python between the hundreds of small kernels of a step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

import torch
from torch import Tensor

from worker.inversion.attacks.moments import Moment, State, Step
from worker.inversion.memory import out_of_memory

log = logging.getLogger(__name__)

FEWEST_STEPS = 20
"""Steps of a search that is worth recording."""
WARM_UP = 2
"""Steps before the recording, in which libraries choose algorithms and reserve workspaces."""
CLOSE, CLOSE_TO_ZERO = 1e-2, 1e-3
"""Relative and absolute difference between a replayed step and a computed one, at most."""


class Recorder(Protocol):
    """Records what a function does on a device, for searches that replay it."""

    recorded: int
    """Number of steps recorded that passed their check."""

    def record(self, run: Callable[[], None]) -> Callable[[], None]:
        """Return a function that does what `run` does, on the same memory.

        `run` may be called several times. Raises: RuntimeError, if it cannot be recorded.
        """


class CudaGraphs:
    """Records CUDA graphs.

    Attributes:
        failed: a capture failed. The allocator of this process may still be in the mode of a
            capture, in which it frees no memory, so another process should compute what comes
            next.
    """

    def __init__(self) -> None:
        self.recorded = 0
        self.failed = False

    def record(self, run: Callable[[], None]) -> Callable[[], None]:
        before, beside = torch.cuda.current_stream(), stream_beside()
        graph = torch.cuda.CUDAGraph()
        try:
            beside.wait_stream(before)
            with torch.cuda.stream(beside):
                for _ in range(WARM_UP):
                    run()
            before.wait_stream(beside)
            mode = "thread_local"  # other threads send heartbeats
            with torch.cuda.graph(graph, stream=beside, capture_error_mode=mode):
                run()
        except BaseException:
            self.failed = True
            raise
        finally:
            torch.cuda.set_stream(before)  # PyTorch stays on the other one if the capture fails at its end
        replay: Callable[[], None] = graph.replay
        return replay


@lru_cache(maxsize=1)
def stream_beside() -> torch.cuda.Stream:
    """Return the stream on which all steps of this process are recorded.

    Libraries keep a workspace for each stream, so one stream for each search would use ever more
    memory. It is the stream of the warm-up too, so that they have their workspaces before the
    recording.
    """
    return torch.cuda.Stream()  # type: ignore[no-untyped-call]


class RecordedStep:
    """A step on buffers of its own, which stay where they are.

    Everything that changes from step to step is copied into them: the state before the first step,
    and the step's numbers and its noise before each.
    """

    def __init__(self, step: Step, state: State, noise: Tensor | None, recorder: Recorder) -> None:
        device = next(iter(state.values())).device
        self.buffers = {name: t.clone() for name, t in state.items()}
        self.noise = None if noise is None else noise.clone()
        self.loss = torch.zeros(len(next(iter(state.values()))), device=device)
        self.t, self.numbers = torch.zeros((), dtype=torch.int64, device=device), torch.ones(3, device=device)

        def run() -> None:
            given = self.buffers if self.noise is None else {**self.buffers, "noise": self.noise}
            new, loss = step(given, Moment(self.t, *self.numbers.unbind()))
            for name, buffer in self.buffers.items():
                if new[name] is not buffer:
                    buffer.copy_(new[name].detach())
            self.loss.copy_(loss.detach())

        self._replay = recorder.record(run)

    def __call__(self, state: State, noise: Tensor | None, moments: Sequence[Moment]) -> tuple[State, Tensor]:
        """Run consecutive steps. Return the buffers of the state and of the last loss."""
        for name, buffer in self.buffers.items():
            buffer.copy_(state[name])
        at = torch.tensor([one.t for one in moments]).to(self.t.device)
        numbers = torch.tensor([[one.rate, one.m, one.v] for one in moments]).to(self.t.device)
        for i in range(len(moments)):
            self.t.copy_(at[i])
            self.numbers.copy_(numbers[i])
            if self.noise is not None and noise is not None:
                self.noise.copy_(noise[i])
            self._replay()
        return (self.buffers if self.noise is None else {**self.buffers, "noise": self.noise}), self.loss


def recorded(step: Step, state: State, noise: Tensor | None, moment: Moment, recorder: Recorder) -> RecordedStep | None:
    """Return the step recorded for states of these shapes, after it has passed a check.

    If it cannot be recorded, or a replay does not do what the step does, the reason is logged and
    None is returned.

    Args:
        noise: of the step (rows, ...).
        moment: of the step.
    Raises: out of memory.
    """
    try:
        expected, _ = step(state if noise is None else {**state, "noise": noise}, moment)
        made = RecordedStep(step, state, noise, recorder)
        found, _ = made(state, None if noise is None else noise[None], [moment])
    except RuntimeError as error:
        if out_of_memory(error):
            raise
        log.warning("the steps of this search are not recorded: %s", str(error).partition("\n")[0])
        return None
    for name in state:
        if not torch.allclose(found[name], expected[name].detach(), rtol=CLOSE, atol=CLOSE_TO_ZERO, equal_nan=True):
            log.warning("the steps of this search are not recorded: a replay computed another %s", name)
            return None
    recorder.recorded += 1
    return made
