"""Each metric against an independent implementation, on random input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import sqrtm

from worker.evaluation.metrics import (
    attack_accuracy,
    feature_distance,
    frechet_distance,
    frechet_estimate,
    identity_bits,
    kernel_distance,
    knn_distance,
    member_gap,
    overfitting_gap,
    prdc,
    prdc_estimates,
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def sets(rng):
    """30 reconstructions of 10 identities and 60 references, 7-d features."""
    return rng.normal(size=(30, 7)), np.repeat(np.arange(10), 3), rng.normal(size=(60, 7)), np.tile(np.arange(10), 6)


def test_attack_accuracy_counts_identities_and_not_images():
    top = np.array([[0, 1], [1, 0], [1, 0], [1, 2]])
    identities = np.array([0, 0, 0, 1])
    found = attack_accuracy(top, identities, k=1)
    assert (found.value, found.n) == (pytest.approx((1 / 3 + 1) / 2), 2)
    assert attack_accuracy(top, identities, k=2).value == 1.0
    assert attack_accuracy(top[:1], identities[:1], k=1).low == pytest.approx(0.025), "one hit of one: exact bound"


def test_knn_distance_is_the_squared_distance_to_the_nearest_of_the_same_identity(sets):
    x, y, r, labels = sets
    slow = [
        min(sum((a - b) ** 2 for a, b in zip(x[i], r[j], strict=True)) for j in range(60) if labels[j] == y[i])
        for i in range(30)
    ]
    found = knn_distance(x, y, r, labels)
    assert found.value == pytest.approx(np.mean(slow))
    assert found.low < found.value < found.high
    assert found.n == 10


def test_feature_distance_is_the_squared_distance_to_the_mean_of_the_identity(sets):
    x, y, r, labels = sets
    slow = [
        np.linalg.norm(x[i] - np.mean([r[j] for j in range(60) if labels[j] == y[i]], axis=0)) ** 2 for i in range(30)
    ]
    assert feature_distance(x, y, r, labels).value == pytest.approx(np.mean(slow))


@pytest.mark.parametrize("n", [5, 40])
def test_the_frechet_distance_agrees_with_the_matrix_square_root(rng, n):
    a, b = rng.normal(size=(n, 7)) @ rng.normal(size=(7, 7)), rng.normal(1, 2, size=(50, 7))
    C_a, C_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = sqrtm(C_a @ C_b)
    slow = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(C_a + C_b - 2 * root.real)
    assert frechet_distance(a, b) == pytest.approx(slow, rel=1e-4)
    assert frechet_distance(b, b) == pytest.approx(0, abs=1e-9)


def test_the_kernel_distance_agrees_with_loops_and_is_about_zero_for_one_law(rng):
    a, b = rng.normal(size=(9, 4)), rng.normal(0.5, 1, size=(8, 4))

    def k(x, y):
        return (sum(x * y) / 4 + 1) ** 3

    slow = (
        np.mean([k(a[i], a[j]) for i in range(9) for j in range(9) if i != j])
        + np.mean([k(b[i], b[j]) for i in range(8) for j in range(8) if i != j])
        - 2 * np.mean([k(x, y) for x in a for y in b])
    )
    found = kernel_distance(a, b)
    assert found.value == pytest.approx(slow)
    assert found.low <= found.value <= found.high
    same = [kernel_distance(*rng.normal(size=(2, 60, 4)), subsets=2).value for _ in range(60)]
    assert abs(np.mean(same)) < 3 * np.std(same) / 60**0.5
    with pytest.raises(ValueError, match="four"):
        kernel_distance(a[:3], b)


def test_precision_recall_density_and_coverage_agree_with_loops(rng):
    real, fake, k = rng.normal(size=(25, 3)), rng.normal(0.6, 0.7, size=(20, 3)), 5

    def radius(x, others):
        return sorted(math.dist(x, o) for o in others if o is not x)[k - 1]

    R, F = list(real), list(fake)
    r, f = [radius(x, R) for x in R], [radius(x, F) for x in F]
    inside = [[math.dist(a, b) < r[i] for b in F] for i, a in enumerate(R)]
    found = prdc(real, fake, k=k)
    assert found.precision == pytest.approx(np.mean([any(inside[i][j] for i in range(25)) for j in range(20)]))
    assert found.recall == pytest.approx(np.mean([any(math.dist(a, b) < f[j] for j, b in enumerate(F)) for a in R]))
    assert found.density == pytest.approx(np.sum(inside) / (k * 20))
    assert found.coverage == pytest.approx(np.mean([any(row) for row in inside]))
    with pytest.raises(ValueError, match="more than 5"):
        prdc(real[:5], fake)


def test_identity_bits_of_the_most_doubtful_verifier():
    found = identity_bits([np.array([1, 2, 8]), np.array([4, 1, 8])], 8)
    assert found.value == pytest.approx((1 + 2 + 0) / 3)


def test_the_overfitting_gap_is_a_difference_of_accuracies():
    found = overfitting_gap(np.ones(10, bool), np.arange(10) < 4)
    assert found.value == pytest.approx(0.6)
    assert found.low < 0.6 < found.high


def test_the_member_gap_tells_memorised_samples_from_a_leaking_identity(rng):
    def unit(x):
        return x / np.linalg.norm(x, axis=1, keepdims=True)

    labels = np.repeat(np.arange(12), 3)
    train, held_out = (unit(np.repeat(rng.normal(size=(12, 16)), 3, axis=0) + i) for i in (0, 0))
    copies = train[::3]
    gap = member_gap([copies], np.arange(12), ([train], labels), ([held_out], labels))
    assert gap is not None
    assert gap.low > 0.3
    neither = member_gap([unit(rng.normal(size=(12, 16)))], np.arange(12), ([train], labels), ([held_out], labels))
    assert neither is not None
    assert neither.low < 0 < neither.high
    assert member_gap([copies], np.arange(12), ([train], labels), ([held_out[:0]], labels[:0])) is None


def test_no_interval_is_without_width_where_every_identity_agrees(rng):
    """Reconstructions equal the one reference of their identity, and all verifiers agree."""
    x, y = rng.normal(size=(8, 7)), np.arange(8)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    hits = np.ones(8, bool)
    found = {
        "knn": knn_distance(x, y, x, y),
        "feature": feature_distance(x, y, x, y),
        "bits": identity_bits([np.ones(8)], 8),
        "top1": attack_accuracy(y[:, None], y, k=1),
        "gap": overfitting_gap(hits, hits),
        "member": member_gap([unit], y, ([unit], y), ([unit], y)),
        **prdc_estimates(x, y, x, y),
    }
    for name, one in found.items():
        assert one is not None, name
        assert one.low <= one.value <= one.high, name
        assert one.high - one.low > 1e-3, name
        assert one.n == 8, name


def test_precision_and_recall_count_identities_and_not_images(rng):
    real, fake = rng.normal(size=(40, 3)), rng.normal(size=(12, 3))
    found = prdc_estimates(real, np.repeat(np.arange(4), 10), fake, np.repeat(np.arange(3), 4))
    whole = prdc(real, fake)
    assert {name: one.value for name, one in found.items()} == pytest.approx(whole._asdict())
    assert (found["recall"].n, found["precision"].n) == (4, 3)
    assert found["recall"].high - found["recall"].low > 0.1, "four people, not forty images"


def test_the_interval_of_the_frechet_distance_holds_the_distance_of_the_two_laws(rng):
    """Two normal distributions with distance 0.25 in each of four dimensions, bias included."""
    held = 0
    for _ in range(60):
        found = frechet_estimate(rng.normal(size=(400, 4)) + 0.5, rng.normal(size=(4000, 4)), groups=20)
        assert found.low < found.value < found.high
        held += found.low <= 1.0 + 0.02 and found.high >= 1.0 - 0.02
    assert held / 60 >= 0.85
