"""The verifier that decides about one identity. The score stage stores it with the outcome."""

from collections.abc import Mapping
from typing import Any


def deciding_verifier(details: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the deciding verifier with its similarity, threshold, rank and margin, or None.

    An identity counts as recognised if every verifier ranks it first and at or above its
    threshold. Among the verifiers that do not, or else among all, the one with the smallest margin
    decides. So the figures shown always agree with whether the identity was recognised.

    Args:
        details: `similarity`, `threshold` and `rank`, each by verifier.
    """
    similarity: Mapping[str, float] = details.get("similarity") or {}
    threshold: Mapping[str, float] = details.get("threshold") or {}
    rank: Mapping[str, int] = details.get("rank") or {}
    readings: list[dict[str, Any]] = [
        {"verifier": name, "similarity": s, "threshold": tau, "rank": rank[name], "margin": s - tau}
        for name, s, tau in ((name, similarity[name], threshold[name]) for name in sorted(similarity))
    ]
    return min(readings, key=lambda one: (one["rank"] == 1 and one["margin"] >= 0, one["margin"]), default=None)
