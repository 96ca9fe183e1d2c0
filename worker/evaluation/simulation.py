"""Simulated audits with a known truth, for the tests and benchmarks of the statistics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.statistics.excess import excess
from worker.evaluation.exposure import Exposures, exposures
from worker.evaluation.rates import VerifierError
from worker.evaluation.verification import threshold


@dataclass(frozen=True)
class Truth:
    """The truth that a simulated audit is drawn from.

    Attributes:
        p: mean over the population of the probability that an identity's reconstruction is a
            likeness.
        q: the same for the control.
        spread: probabilities are Beta(p / spread, (1 - p) / spread). At 0 all identities are
            equal.
        images: submissions per identity (seeds). All have the identity's probability, so they are
            correlated.
        sensitivity, specificity: of the verifiers, per image. None means no error.
        measured_on: number of identities, with five real images each, that the error is measured
            on.
    """

    p: float
    q: float = 0.01
    spread: float = 0.25
    images: int = 3
    sensitivity: float | None = None
    specificity: float = 0.99
    measured_on: int = 100

    @property
    def R(self) -> float:  # noqa: N802 (the symbol of the risk)
        return float(excess(self.p, self.q))


@dataclass(frozen=True)
class Simulated:
    """One audit: S and Q (K,) as passed to `risk`, and the measured verifier error."""

    success: np.ndarray
    control: np.ndarray
    permuted: np.ndarray
    error: VerifierError | None


def simulate(truth: Truth, *, identities: int, rng: np.random.Generator) -> Simulated:
    """Draw one audit."""
    likeness = rng.random((truth.images, identities)) < chances(truth.p, truth.spread, identities, rng)
    control = rng.random(identities) < chances(truth.q, truth.spread, identities, rng)
    if truth.sensitivity is None:
        return Simulated(likeness.mean(0), control.astype(float), np.zeros(identities), None)
    sens, spec = truth.sensitivity, truth.specificity
    others = 400
    return Simulated(
        success=seen(likeness, sens, spec, rng).mean(0),
        control=seen(control, sens, spec, rng).astype(float),
        permuted=rng.binomial(others, 1 - spec, identities) / others,
        error=VerifierError(
            accepted=rng.binomial(5, chances(sens, 0.1, truth.measured_on, rng)) / 5,
            false_accepted=rng.binomial(others, 1 - spec, truth.measured_on) / others,
        ),
    )


@dataclass(frozen=True)
class Memorised:
    """Submissions of a model that memorised some identities, and who of them was named.

    Attributes:
        memorised: (N,) bool, the memorised identities.
        success: (N,) bool, verified.
    """

    memorised: np.ndarray
    success: np.ndarray
    found: Exposures


def memorising(
    share: float, *, identities: int, rng: np.random.Generator, restarts: int = 4, likeness: float = 0.7
) -> Memorised:
    """Simulate a model that memorised `share` of its identities, seen by two 64-d verifiers.

    Images are unit vectors. A memorised identity's image is `likeness` parts its template and the
    rest noise. All other images are noise around a person who does not exist, the same in all
    restarts.
    """
    memorised = rng.permutation(identities) < round(share * identities)
    made_for = np.repeat(np.arange(identities), restarts)
    own, null, hits = [], [], []
    for _ in range(2):
        template, nobody = (unit(rng.normal(size=(identities, 64))) for _ in range(2))
        of = np.where(memorised[:, None], template, nobody)[made_for]
        image = unit(likeness * of + (1 - likeness) * unit(rng.normal(size=of.shape)))
        similarity = image @ template.T
        others = np.where(made_for[None, :] == np.arange(identities)[:, None], np.nan, similarity.T)
        submitted = similarity[::restarts]
        mine = np.diag(submitted)
        tau = threshold(others[~np.isnan(others)].astype(np.float32))
        hits.append((submitted.argmax(1) == np.arange(identities)) & (mine >= tau))
        own.append(mine)
        null.append(others)
    success = np.all(hits, axis=0)
    return Memorised(memorised, success, exposures(own, null, success))


def unit(rows: np.ndarray) -> np.ndarray:
    """Scale rows to length 1."""
    scaled: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


def chances(mean: float, spread: float, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw probabilities (n,) in [0, 1] with this mean."""
    if spread == 0 or mean in (0.0, 1.0):
        return np.full(n, mean)
    return rng.beta(mean / spread, (1 - mean) / spread, n)


def seen(likeness: np.ndarray, sens: float, spec: float, rng: np.random.Generator) -> np.ndarray:
    """Return the answers of verifiers with errors about likenesses and other images."""
    u = rng.random(likeness.shape)
    found: np.ndarray = np.where(likeness, u < sens, u < 1 - spec)
    return found
