"""Which verifier decides about one identity. The score stage decides once; older outcomes are decided when read."""

from collections.abc import Mapping
from typing import Any


def deciding_verifier(details: Mapping[str, Any]) -> dict[str, Any] | None:
    """The verifier that decides, with its own similarity, threshold, rank and margin; None without verifiers.

    An identity counts as recognised when every verifier ranks it first and at or above its threshold. Of the verifiers
    that do not, or else of all, the one with the smallest margin decides: what is shown is never at odds with whether
    the identity was recognised.

    Args:
        details: `similarity`, `threshold` and `rank`, each by verifier; or `deciding`, where it was decided before.
    """
    decided: dict[str, Any] | None = details.get("deciding")
    if decided is not None:
        return decided
    similarity: Mapping[str, float] = details.get("similarity") or {}
    threshold: Mapping[str, float] = details.get("threshold") or {}
    rank: Mapping[str, int] = details.get("rank") or {}
    said: list[dict[str, Any]] = [
        {"verifier": name, "similarity": s, "threshold": tau, "rank": rank[name], "margin": s - tau}
        for name, s, tau in ((name, similarity[name], threshold[name]) for name in sorted(similarity))
    ]
    return min(said, key=lambda one: (one["rank"] == 1 and one["margin"] >= 0, one["margin"]), default=None)
