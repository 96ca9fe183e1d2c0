"""A recorded step does what the step does, and a search goes on without it where it fails."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch

from tests.unit.inversion.tape import Tapes
from tests.unit.inversion.test_attacks import SHORT
from worker.evaluation.procedure import OtherModel
from worker.inversion.attacks import Gmi, capture, descent, run_attack
from worker.inversion.attacks.capture import CudaGraphs, Recorder, recorded
from worker.inversion.attacks.moments import Moment, State
from worker.inversion.priors.prior import Prior
from worker.inversion.targets import Target

MOMENTUM = Gmi(setting="lom", optimiser="momentum", restarts=2, pool=0, micro_batch=8, views=2, views_per_step=1)

KINDS = ("gmi, views", "kedmi, views", "vmi", "vmi, flow", "miface, crops", "plg-mi", "ppa")
"""One of each step, with views where an attack may have them."""


@pytest.fixture(autouse=True)
def short_searches_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descent, "FEWEST_STEPS", 1)


@pytest.mark.parametrize("attack", [SHORT[name] for name in KINDS] + [MOMENTUM], ids=[*KINDS, "momentum"])
def test_a_search_that_replays_its_step_finds_the_same_images(
    attack: Any, target: Target, prior: Prior, p_reg: torch.Tensor
) -> None:
    """In blocks and micro-batches, with views, noise and a falling rate where there are any."""
    attack = dataclasses.replace(attack, steps=3, check_every=2, setting="lom")
    given = (target, [], prior, p_reg, [0, 1, 3], attack)
    tapes = Tapes()
    eager, replayed = (run_attack(*given, seed=5, recorder=one) for one in (None, tapes))
    assert [one.digest for one in replayed] == [one.digest for one in eager]
    assert [one.target_score for one in replayed] == [one.target_score for one in eager]
    assert tapes.replayed > tapes.recorded > 0


def test_searches_on_another_model_and_of_a_refit_are_recorded_too(
    target: Target, prior: Prior, public_images: np.ndarray
) -> None:
    """Of the power check, a twin, and the decoder's prior."""
    searches = Gmi(setting="lom", steps=3, restarts=1, pool=0, micro_batch=4, views=1)
    tapes = Tapes()
    eager, replayed = (
        OtherModel(target, public_images, seed=5, recorder=one).attack(prior, [0, 1], searches) for one in (None, tapes)
    )
    assert [one.digest for one in replayed.found] == [one.digest for one in eager.found]
    assert tapes.recorded == 1


class Failing:
    """A recorder that fails in one of several ways."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.recorded = error, 0

    def record(self, run: Callable[[], None]) -> Callable[[], None]:
        if self.error is not None:
            raise self.error
        return lambda: None


@pytest.mark.parametrize(
    ("recorder", "said"),
    [
        (Failing(RuntimeError("operation not permitted when stream is capturing\nmore")), "stream is capturing"),
        (Failing(), "a replay computed another z"),
    ],
)
def test_a_search_whose_step_cannot_be_recorded_computes_it(
    recorder: Recorder, said: str, target: Target, prior: Prior, caplog: pytest.LogCaptureFixture
) -> None:
    attack = Gmi(setting="baseline", steps=3, restarts=1, pool=0, micro_batch=2, views=1)
    given = (target, [], prior, None, [0, 1], attack)
    with caplog.at_level(logging.WARNING):
        found = run_attack(*given, seed=5, recorder=recorder)
    assert [one.digest for one in found] == [one.digest for one in run_attack(*given, seed=5)]
    assert [said in message for message in caplog.messages] == [True]
    assert all(message.count("\n") == 0 for message in caplog.messages)


def test_a_recording_that_runs_out_of_memory_is_tried_with_fewer_rows() -> None:
    def step(state: State, now: Moment) -> tuple[State, torch.Tensor]:
        return {"z": state["z"] * now.rate}, state["z"]

    with pytest.raises(torch.OutOfMemoryError):
        recorded(
            step, {"z": torch.ones(2)}, None, Moment(0, 0.5), Failing(torch.OutOfMemoryError("CUDA out of memory"))
        )


@pytest.mark.parametrize("reads", [True, False])
def test_a_step_that_depends_on_a_value_in_python_is_not_recorded(reads: bool) -> None:
    """What is read inside the step, or counted beside its arguments, would not change."""
    calls = []

    def step(state: State, now: Moment) -> tuple[State, torch.Tensor]:
        calls.append(1)
        by = float(state["z"].sum()) if reads else float(len(calls))
        return {"z": state["z"] * by}, state["z"]

    tapes = Tapes()
    assert recorded(step, {"z": torch.ones(2)}, None, Moment(0), tapes) is None
    assert tapes.recorded == 0, "the result of the audit would say that its steps were replayed"


class Stream:
    """Stands for a CUDA stream."""

    def wait_stream(self, other: Stream) -> None:
        assert other is not self


class Cuda:
    """Stands for `torch.cuda`. It fails at the end of a capture, and then stays on its stream."""

    CUDAGraph = object

    def __init__(self) -> None:
        self.current, self.captured_on = Stream(), list[Stream]()

    def current_stream(self) -> Stream:
        return self.current

    def set_stream(self, stream: Stream) -> None:
        self.current = stream

    @contextmanager
    def stream(self, stream: Stream) -> Iterator[None]:
        before, self.current = self.current, stream
        yield
        self.current = before

    @contextmanager
    def graph(self, graph: object, stream: Stream | None = None, **_: Any) -> Iterator[None]:
        self.current = stream or Stream()
        self.captured_on.append(self.current)
        yield
        raise RuntimeError("operation failed due to a previous error during capture")


def test_a_capture_that_fails_at_its_end_leaves_the_stream_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """And each is made on the stream of its warm-up, for which libraries have their workspaces."""
    cuda, used = Cuda(), list[Stream]()
    for name in ("CUDAGraph", "current_stream", "set_stream", "stream", "graph"):
        monkeypatch.setattr(torch.cuda, name, getattr(cuda, name))
    monkeypatch.setattr(torch.cuda, "Stream", Stream)
    capture.stream_beside.cache_clear()
    before = cuda.current
    for _ in range(2):
        graphs = CudaGraphs()
        with pytest.raises(RuntimeError, match="previous error"):
            graphs.record(lambda: used.append(cuda.current))
        assert cuda.current is before
        assert graphs.failed
    capture.stream_beside.cache_clear()
    assert set(used) == set(cuda.captured_on)
    assert len(set(used)) == 1
