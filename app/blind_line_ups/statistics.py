"""Rates over people with intervals, and the agreement of reviewers.

Uses the standard library only, so that the API process stays small. Intervals are those of every
other figure: the Bayesian bootstrap over identities, and at 0 and 1 that of Clopper and Pearson.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

from app.contract.blind_line_up import PeopleRate

RESAMPLES = 4_000
TAIL = 0.025


def rate(values: Sequence[float], *, seed: int = 0) -> PeopleRate | None:
    """Return the mean of values in [0, 1], one for each person, with its 95 % interval.

    Weights of the bootstrap are Exp(1) for each person, so n people with equal values have the
    weight Gamma(n). Half a pseudo-person at either end gives hits the interval of Jeffreys.
    Returns None without values.
    """
    n = len(values)
    if n == 0:
        return None
    mean = sum(values) / n
    if mean in (0.0, 1.0):
        edge: float = TAIL ** (1 / n)
        return PeopleRate(value=mean, low=0.0 if mean == 0 else edge, high=1 - edge if mean == 0 else 1.0, n=n)
    levels = Counter({0.0: 0.5, 1.0: 0.5})
    levels.update(values)
    rng, drawn = Random(seed), []
    for _ in range(RESAMPLES):
        weights = [(value, rng.gammavariate(count, 1)) for value, count in levels.items()]
        drawn.append(sum(value * weight for value, weight in weights) / sum(weight for _, weight in weights))
    drawn.sort()
    low, high = drawn[round(TAIL * RESAMPLES)], drawn[round((1 - TAIL) * RESAMPLES) - 1]
    return PeopleRate(value=mean, low=min(low, mean), high=max(high, mean), n=n)


def agreement(answers: Sequence[Mapping[str, int]]) -> float | None:
    """Return Krippendorff's alpha for nominal answers: 1 - observed / expected disagreement.

        alpha = 1 - (N - 1) sum_u [m_u^2 - sum_c n_uc^2] / (m_u - 1) / [N^2 - sum_c n_c^2]

    n_uc counts answers c to item u, m_u = sum_c n_uc, n_c = sum_u n_uc, N = sum_c n_c. Items with
    one answer do not count. Unlike the kappas it takes any number of reviewers, and items that
    some of them did not answer. Source: Krippendorff, Content Analysis, 2004.

    Args:
        answers: of each item, by reviewer.
    Returns: None without an item of two answers, or if all answers are the same.
    """
    counts = [Counter(item.values()) for item in answers if len(item) > 1]
    total: Counter[int] = sum(counts, Counter())
    n = total.total()
    expected = n * n - sum(one * one for one in total.values())
    if expected == 0:
        return None
    observed = sum(
        (item.total() ** 2 - sum(one * one for one in item.values())) / (item.total() - 1) for item in counts
    )
    return 1 - (n - 1) * observed / expected
