"""The prior control is independent of the target. The evaluator learns and can be saved."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch

from tests.unit.inversion.conftest import TINY_PRIOR
from worker.evaluation.controls import nearest_public_control, prior_control
from worker.evaluation.evaluator import load_evaluator, save_evaluator, train_evaluator
from worker.evaluation.severity import severity
from worker.inversion.attacks.selection import target_scores
from worker.inversion.data import to_tensor
from worker.inversion.errors import InvalidImages, UnusableModel
from worker.inversion.priors import train_prior
from worker.inversion.targets import InputConvention, Target, build_network


@pytest.fixture(scope="module")
def bars() -> tuple[np.ndarray, np.ndarray]:
    """96 images of 4 classes: a bar at one of four heights, with noise."""
    rng = np.random.default_rng(0)
    labels = np.arange(96) % 4
    images = rng.integers(0, 60, (96, 32, 32)).astype(np.uint8)
    for image, k in zip(images, labels, strict=True):
        image[4 + 7 * k : 8 + 7 * k] = 250
    return images, labels


@pytest.fixture(scope="module")
def target() -> Target:
    return Target(build_network("exhume/small-cnn", {"width": 8}, 4, 1, seed=3), InputConvention(32, 32, 1), 4).eval()


@pytest.fixture(scope="module")
def prior(bars):
    torch.set_num_threads(1)
    return train_prior(bars[0], TINY_PRIOR, seed=0)


def test_the_prior_control_has_no_access_to_a_target():
    assert "target" not in inspect.signature(prior_control).parameters


def test_the_same_identity_gets_the_same_control_image_alone_or_among_others(prior):
    many = prior_control(prior, [3, 9, 4], draws=3, seed=5)
    assert many.shape == (3, 32, 32)
    assert np.array_equal(prior_control(prior, [9], draws=3, seed=5)[0], many[1])
    assert not np.array_equal(many[0], many[1])
    assert not np.array_equal(prior_control(prior, [9], draws=3, seed=6)[0], many[1])


def test_more_draws_give_a_more_realistic_control(prior):
    ids = list(range(20))
    one, eight = (to_tensor(prior_control(prior, ids, draws=n, seed=5)) for n in (1, 8))
    with torch.no_grad():
        assert (prior.realism(eight) - prior.realism(one)).mean() > 0


def test_the_evaluator_learns_and_survives_its_file(bars, tmp_path):
    torch.set_num_threads(1)
    images, labels = bars
    seen = []
    evaluator = train_evaluator(images, labels, seed=0, epochs=60, progress=lambda *a: seen.append(a[:2]))
    assert seen[-1] == (60, 60)
    assert (evaluator.top(images, 1)[:, 0] == labels).mean() > 0.9
    assert evaluator.calibrated is False
    save_evaluator(evaluator, tmp_path / "e.safetensors")
    again = load_evaluator(tmp_path / "e.safetensors")
    assert np.array_equal(again.top(images), evaluator.top(images))
    assert evaluator.top(images).shape == (96, 4)
    (tmp_path / "f.safetensors").write_bytes(b"")
    with pytest.raises(UnusableModel):
        load_evaluator(tmp_path / "f.safetensors")


def test_labels_and_images_must_match(bars):
    with pytest.raises(InvalidImages):
        train_evaluator(bars[0], bars[1][:-1], seed=0)


def test_the_nearest_public_image_is_the_one_with_the_highest_target_score(bars, target):
    images, _ = bars
    chosen = nearest_public_control(target, images, [2, 0])
    with torch.no_grad():
        log_p = target(to_tensor(images)).logits.log_softmax(1)
    assert np.array_equal(chosen, images[log_p.argmax(0)[[2, 0]].numpy()])
    views = nearest_public_control(target, images, [2, 0], views=4, shortlist=5)
    with torch.no_grad():
        short = log_p[:, 2].topk(5).indices.numpy()
        scored = target_scores(target, to_tensor(images[short]), torch.full((5,), 2), views=4, micro_batch=8)
    assert np.array_equal(views[0], images[short[int(scored.mean_log_p.argmax())]])


def test_severity_grows_as_less_access_is_needed():
    assert severity("labels", 0.06) == "critical"
    assert severity("scores", 0.06) == "high"
    plans = ("weights-public", "weights-shared", "hosted", None)
    assert [severity("white-box", 0.2, release_plan=p) for p in plans] == ["critical", "high", "medium", "high"]
    assert severity("labels", 0.05) == "none shown"
