"""Memory: the micro-batch that fits, halving, and unchanged results."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from worker.inversion import memory
from worker.inversion.attacks import Gmi, run_attack
from worker.inversion.attacks import run as running


def test_the_bytes_of_one_image_are_those_that_autograd_keeps():
    w = torch.randn(50, 70)
    kept = memory.bytes_per_image(lambda z: (z @ w).sin().sum(1), torch.randn(2, 50))
    assert 70 * 4 <= kept <= (70 + 50) * 4


def test_weights_that_a_layer_keeps_for_its_way_back_are_no_image_s():
    layer = torch.nn.Linear(2_000, 30)
    kept = memory.bytes_per_image(lambda z: layer(z).sin().sum(1), torch.randn(2, 2_000))
    assert 30 * 4 <= kept <= (30 + 2_000) * 4


@pytest.mark.parametrize(("planned", "each", "free", "rows"), [(40, 1, 1000, 40), (40, 100, 1500, 10), (40, 100, 1, 1)])
def test_rows_are_halved_until_they_fit(planned, each, free, rows):
    assert memory.that_fit(planned, each, free) == rows


def test_free_memory_is_what_this_machine_can_give():
    assert 1e8 < memory.free_bytes(torch.device("cpu")) < 1e14


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("can't allocate memory: 9"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    ],
)
def test_out_of_memory_begins_anew_with_half_the_rows(error):
    tried = []

    def run(rows):
        tried.append(rows)
        if rows > 10:
            raise error
        return "done"

    assert memory.halving(run, 40) == ("done", 10)
    assert tried == [40, 20, 10]


def test_other_errors_and_a_single_row_too_many_are_raised():
    def fail(rows):
        raise RuntimeError("shapes differ")

    def never(rows):
        raise MemoryError

    with pytest.raises(RuntimeError, match="shapes differ"):
        memory.halving(fail, 8)
    with pytest.raises(MemoryError):
        memory.halving(never, 8)


@pytest.mark.parametrize("setting", ["baseline", "lomma"])
def test_an_attack_that_ran_out_of_memory_gives_the_same_images(setting, target, students, prior, p_reg, monkeypatch):
    attack = Gmi(setting=setting, steps=6, restarts=2, pool=16, check_every=3, micro_batch=32, views=2)
    whole = run_attack(target, students, prior, p_reg, [0, 1, 2, 3], attack, seed=7)
    search, tried = Gmi.search, []

    def small(self, task):
        tried.append(self.micro_batch)
        if self.micro_batch > 8:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return search(self, task)

    monkeypatch.setattr(Gmi, "search", small)
    halved = run_attack(target, students, prior, p_reg, [0, 1, 2, 3], attack, seed=7)
    assert tried == [32, 16, 8]
    assert [r.digest for r in halved] == [r.digest for r in whole]
    assert ({r.micro_batch for r in whole}, {r.micro_batch for r in halved}) == ({32}, {8})


def test_scoring_that_runs_out_of_memory_begins_anew_too(target, prior, p_reg, monkeypatch):
    attack = Gmi(setting="lom", steps=2, restarts=2, pool=0, micro_batch=16)
    score, tried = running.target_scores, []

    def short(*args, micro_batch, **more):
        tried.append(micro_batch)
        if micro_batch > 4:
            raise MemoryError
        return score(*args, micro_batch=micro_batch, **more)

    monkeypatch.setattr(running, "target_scores", short)
    found = run_attack(target, [], prior, p_reg, [0, 1], attack, seed=7)
    assert tried == [16, 8, 4]
    assert {r.micro_batch for r in found} == {4}


def test_little_free_memory_halves_the_micro_batch_before_the_search(target, prior, p_reg, monkeypatch):
    attack = dataclasses.replace(Gmi(setting="lom"), steps=2, restarts=2, pool=0, micro_batch=16)
    used, free = [], iter([0.0, 4.0, 10**12])  # counted in images; a share of the memory may be used
    search = Gmi.search
    monkeypatch.setattr(Gmi, "search", lambda self, task: used.append(self.micro_batch) or search(self, task))
    monkeypatch.setattr(running, "bytes_of_a_row", lambda loss, two: each.append(bytes_of_a_row(loss, two)) or each[-1])
    monkeypatch.setattr(running, "free_bytes", lambda device: next(free) * each[-1] / memory.SHARE)
    each: list[int] = []
    bytes_of_a_row = memory.bytes_of_a_row
    for rows in (1, 4, 16):
        run_attack(target, [], prior, p_reg, [0], attack, seed=7)
        assert used[-1] == rows
    assert len(set(each)) == 1
    assert each[0] > 32 * 32 * 4


@pytest.mark.parametrize(
    ("device", "at_once", "free", "rows"),
    [("cuda", 4000, 10**6, 4000), ("cuda", 4000, 1100, 1000), ("cuda", 8, 10**6, 16), ("cpu", 4000, 10**6, 16)],
)
def test_an_accelerator_computes_as_many_images_at_once_as_fit(device, at_once, free, rows):
    most = memory.most_images(torch.device(device), 16, at_once)
    assert memory.that_fit(most, 1, free / memory.SHARE) == rows


def test_a_processor_keeps_the_planned_micro_batch(target, prior, p_reg):
    attack = dataclasses.replace(Gmi(setting="lom"), steps=1, restarts=1, pool=0, micro_batch=4)
    assert run_attack(target, [], prior, p_reg, [0], attack, seed=7, at_once=4000)[0].micro_batch == 4


def test_the_memory_of_a_row_is_measured_on_a_gpu_with_a_margin(monkeypatch):
    held = iter([900, 300])  # by two rows, and by one
    monkeypatch.setattr(memory, "_peak", lambda loss, rows: next(held))
    monkeypatch.setattr(memory, "bytes_per_image", lambda loss, two: 500)
    assert memory.bytes_of_a_row(torch.sum, torch.empty(2, 3, device="meta")) == 720
    held = iter([300, 100])
    assert memory.bytes_of_a_row(torch.sum, torch.empty(2, 3, device="meta")) == 600
    assert memory.bytes_of_a_row(torch.sum, torch.empty(2, 3)) == 500


def test_a_search_says_what_memory_it_needs_for_one_image(target, prior, p_reg):
    attack = dataclasses.replace(Gmi(setting="lom"), steps=1, restarts=1, pool=0, micro_batch=4)
    needed: list[int] = []
    for rows in (4, 8):
        one = dataclasses.replace(attack, micro_batch=rows)
        run_attack(target, [], prior, p_reg, [0], one, seed=7, measured=needed.append)
    weights = sum(t.nbytes for network in (target, prior) for t in (*network.parameters(), *network.buffers()))
    assert memory.MARGIN * 3 * weights > needed[0] == needed[1] > memory.MARGIN * 2 * weights
    on_a_gpu = memory.bytes_needed((target, prior), 0, torch.device("cuda"))
    assert on_a_gpu == int(memory.MARGIN * (2 * weights + memory.LIBRARIES))
