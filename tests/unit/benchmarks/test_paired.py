"""Comparison of forms of one search with the same seeds."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bench.attacks import converged, paired, precision
from bench.attacks.cells import mean_share
from worker.inversion.attacks import Gmi
from worker.inversion.priors import train_prior
from worker.inversion.targets import InputConvention, Target, build_network

CLASSES = 6
SEARCH: dict[str, Any] = {"setting": "baseline", "steps": 2, "restarts": 2, "pool": 0, "micro_batch": 8}


class Parts:
    """A verifier of quarter images, without a network: the same image is the same person."""

    name, digest = "parts", "sha256:0"

    def embed(self, images: np.ndarray) -> np.ndarray:
        e = images.reshape(len(images), 4, 8, 4, 8).mean((2, 4)).reshape(len(images), -1).astype(np.float32) + 1
        unit: np.ndarray = e / np.linalg.norm(e, axis=1, keepdims=True)
        return unit


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace everything the comparison takes from the demo with small versions."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (24, 32, 32), dtype=np.uint8)
    split = SimpleNamespace(images=images, labels=np.arange(24) % CLASSES)
    network = build_network("exhume/small-cnn", {"width": 4, "feature_dim": 8}, CLASSES, 1, seed=0)
    target = Target(network, InputConvention(32, 32, 1), CLASSES).eval()
    prior = train_prior(images, {"steps": 1, "latent_dim": 4, "width": 4, "batch": 4, "gp_images": 2}, seed=0)
    monkeypatch.setattr(paired, "demo_target", lambda cache: (target, "sha256:0"))
    monkeypatch.setattr(paired, "load_prior", lambda path: prior)
    monkeypatch.setattr(
        paired, "omniglot", SimpleNamespace(load=lambda: SimpleNamespace(public=split, private_train=split))
    )
    top = SimpleNamespace(top=lambda images: np.zeros((len(images), 5), np.int64))
    monkeypatch.setattr(paired, "demo_evaluator", lambda cache: top)
    monkeypatch.setattr(paired, "bundled_verifiers", lambda shape: [Parts()])
    monkeypatch.setattr(paired, "spread", lambda count: list(range(count)))


def test_a_form_differs_from_itself_by_nothing_and_from_another_by_what_it_finds() -> None:
    found = paired.paired({"one": Gmi(**SEARCH), "again": Gmi(**SEARCH)}, seeds=[0, 1], identities=3)
    assert {k: v for k, v in found["one"].items() if k != "seconds"} == {
        k: v for k, v in found["again"].items() if k != "seconds"
    }
    assert all(value == 0 for value, _, _ in found["minus"]["again"].values())
    assert found["one"]["steps"] == 2
    assert found["one"]["top1"] == pytest.approx(1 / 3, abs=1e-3)  # the evaluator always answers 0


def test_precisions_and_stopped_rows_are_such_forms(tmp_path: Path) -> None:
    options = {"attack": "gmi", **SEARCH}
    both = precision.compare(options, seeds=[0], identities=2, cache=tmp_path)
    assert both["float32"].keys() == both["bf16"].keys()
    assert both["speedup"] == pytest.approx(both["float32"]["seconds"] / both["bf16"]["seconds"], abs=0.01)
    stopped = converged.compare(
        setting="baseline", tolerance=1e9, check_every=1, steps=5, seeds=[0], identities=2, cache=tmp_path
    )
    assert stopped["all"]["steps"] == 5
    assert stopped["stopped"]["steps"] < 5
    assert stopped["share"] == stopped["stopped"]["steps"] / 5


def test_nobody_found_is_not_a_certainty() -> None:
    assert mean_share([[0] * 37, [0] * 37]) == pytest.approx((0, 0, 0.0949), abs=1e-3)
    assert mean_share([[1] * 37]) == pytest.approx((1, 0.9051, 1), abs=1e-3)
    value, low, high = mean_share([[0, 1, 0, 0], [1, 1, 0, 0]])
    assert value == pytest.approx(0.375)
    assert 0 <= low < value < high <= 1
