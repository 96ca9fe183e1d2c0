"""The loss of Barlow Twins: embeddings of two views agree, and their numbers do not repeat."""

from __future__ import annotations

from torch import Tensor


def barlow_twins(embeddings: Tensor, y: Tensor, *, weight: float = 0.02) -> Tensor:
    """Return sum_i (1 - C_ii)^2 + weight * sum_{i != j} C_ij^2, divided by the numbers d.

    C_ij = 1/n sum_b a_bi b_bj is the correlation of number i of the first view with number j of
    the second, each standardised over the n images of the batch.

    Source: Zbontar et al., ICML 2021.

    Shapes: embeddings (2 n, d), the first views of all images before the second ones.
    """
    first, second = (_standardised(half) for half in embeddings.chunk(2))
    correlation = first.T @ second / len(first)
    alike = (1 - correlation.diagonal()).square().sum()
    repeated = correlation.square().sum() - correlation.diagonal().square().sum()
    return (alike + weight * repeated) / len(correlation)


def _standardised(values: Tensor) -> Tensor:
    return (values - values.mean(0)) / (values.var(0, unbiased=False) + 1e-6).sqrt()
