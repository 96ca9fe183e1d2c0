"""Verified success: rank 1 in the gallery and above a calibrated threshold, under every verifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from worker.evaluation.verifiers import Verifier

FALSE_MATCH_RATE = 0.01
TIE = 1e-6
"""Similarities closer than this are a tie, which never counts for the identity: the last bits are the machine's."""


@dataclass(frozen=True)
class VerifierReading:
    """What one verifier says.

    Attributes:
        similarity: (N, G) cosine of each submission to each template of the gallery.
        rank: (N,) rank of the true identity in the gallery, from 1; ties count against it.
        threshold: tau_v. negatives: number of inversion-type negative pairs it was measured on.
        false_match_rate: share of these at or above tau_v.
    """

    name: str
    digest: str
    similarity: np.ndarray
    rank: np.ndarray
    threshold: float
    negatives: int
    false_match_rate: float


@dataclass(frozen=True)
class Verification:
    """Readings of all verifiers for N submissions against a gallery of G identities.

    Attributes:
        identities: (N,) the identity each submission was made for. gallery: (G,) the identity of each template.
        hits: (N, G) bool: the submission ranks this identity first and above the threshold, under every verifier.
        success: (N,) bool: S_k, the hit on its own identity. rank1: (N,) bool: the same without threshold.
        control_hits: control name -> (N,) bool, that control's image for k counted as k.
    """

    identities: np.ndarray
    gallery: np.ndarray
    readings: tuple[VerifierReading, ...]
    hits: np.ndarray
    success: np.ndarray
    rank1: np.ndarray
    control_hits: dict[str, np.ndarray]


def templates(embeddings: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit mean embedding per identity: embeddings (M, d), labels (M,) -> templates (G, d), identities (G,)."""
    gallery = np.unique(labels)
    means = np.stack([embeddings[labels == k].mean(0) for k in gallery])
    return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12), gallery


def threshold(negatives: np.ndarray, *, rate: float = FALSE_MATCH_RATE) -> float:
    """The smallest tau with at most a share `rate` of the negative similarities at or above it.

    Fewer negatives than 1 / rate allow none above: tau is then just over their maximum.
    """
    ordered = np.sort(negatives)[::-1]
    allowed = int(np.floor(rate * len(ordered)))
    return float(np.nextafter(ordered[allowed], np.float32(np.inf), dtype=np.float32))


def verify(
    submissions: np.ndarray,
    identities: Sequence[int] | np.ndarray,
    reference_images: np.ndarray,
    reference_labels: np.ndarray,
    verifiers: Sequence[Verifier],
    *,
    reconstructions: np.ndarray,
    reconstructed_for: Sequence[int] | np.ndarray,
    controls: dict[str, np.ndarray] | None = None,
) -> Verification:
    """Score frozen submissions against the private references.

    Args:
        submissions: uint8 (N, H, W) or (N, H, W, C), one per identity; identities: (N,).
        reference_images, reference_labels: private training images of the gallery, which may hold more identities
            than were attacked and must hold all that were.
        reconstructions, reconstructed_for: every reconstruction of the attack; for j against k != j they are the
            inversion-type negatives that set tau_v.
        controls: name -> images, one per identity in the order of `identities`; made without the leak, they are
            negatives for every k and are scored like submissions.

    Raises: ValueError when an attacked identity has no reference or no verifier is given.
    """
    wanted, made_for = np.asarray(identities), np.asarray(reconstructed_for)
    controls = controls or {}
    if missing := sorted(set(wanted.tolist()) - set(np.unique(reference_labels).tolist())):
        raise ValueError(f"no reference images for identities {missing[:10]}")
    if not verifiers:
        raise ValueError("at least one verifier is needed")
    readings = []
    first, above = [], []
    control_hits = {name: np.ones(len(wanted), bool) for name in controls}
    own = np.arange(0)
    for v in verifiers:
        gallery_templates, gallery = templates(v.embed(reference_images), reference_labels)
        column = {int(k): i for i, k in enumerate(gallery)}
        own = np.array([column[int(k)] for k in wanted])
        of_reconstructions = v.embed(reconstructions) @ gallery_templates.T
        of_controls = {name: v.embed(images) @ gallery_templates.T for name, images in controls.items()}
        negatives = np.concatenate(
            [of_reconstructions[gallery[None, :] != made_for[:, None]], *(s.ravel() for s in of_controls.values())]
        )
        tau = threshold(negatives)
        similarity = v.embed(submissions) @ gallery_templates.T
        rank = _rank(similarity, own)
        readings.append(
            VerifierReading(v.name, v.digest, similarity, rank, tau, len(negatives), float(np.mean(negatives >= tau)))
        )
        first.append(_first(similarity))
        above.append(similarity >= tau)
        rows = np.arange(len(wanted))
        for name, s in of_controls.items():
            control_hits[name] &= (_rank(s, own) == 1) & (s[rows, own] >= tau)
    hits = np.all(first, axis=0) & np.all(above, axis=0)
    rows = np.arange(len(wanted))
    return Verification(
        identities=wanted,
        gallery=gallery,
        readings=tuple(readings),
        hits=hits,
        success=hits[rows, own],
        rank1=np.all([r.rank == 1 for r in readings], axis=0),
        control_hits=control_hits,
    )


def _rank(similarity: np.ndarray, own: np.ndarray) -> np.ndarray:
    true = similarity[np.arange(len(own)), own]
    better: np.ndarray = (similarity >= true[:, None] - TIE).sum(1)
    return better


def _first(similarity: np.ndarray) -> np.ndarray:
    """(N, G) bool: ahead of every other template, by more than a tie."""
    ordered = np.sort(similarity, axis=1)
    runner_up = ordered[:, -2:-1] if similarity.shape[1] > 1 else np.full((len(similarity), 1), -2.0)
    clear = ordered[:, -1:] - runner_up > TIE
    first: np.ndarray = (similarity == ordered[:, -1:]) & clear
    return first
