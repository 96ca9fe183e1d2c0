"""Verified success: rank 1 in the gallery and above a calibrated threshold, for every verifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from worker.evaluation.exposure import Exposures, exposures
from worker.evaluation.panel import Panel
from worker.evaluation.rates import VerifierError
from worker.evaluation.statistics import Estimate, ratio_of_sums
from worker.evaluation.verifiers import Embedder

FALSE_MATCH_RATE = 0.01


@dataclass(frozen=True)
class Candidates:
    """The readings of one verifier for all M reconstructions of an attack.

    Attributes:
        similarity: (M,) to the identity that it was made for, NaN without private images of it.
        rank: (M,) of that identity in the gallery, from 1, or 0.
    """

    similarity: np.ndarray
    rank: np.ndarray

    @classmethod
    def of(cls, panel: Panel, similarity: np.ndarray, made_for: np.ndarray) -> Candidates:
        """Read the similarities (M, G) of reconstructions to the gallery."""
        known = np.isin(made_for, panel.gallery)
        own = panel.columns(made_for[known])
        found = cls(np.full(len(made_for), np.nan), np.zeros(len(made_for), np.int64))
        found.similarity[known] = similarity[known, own]
        found.rank[known] = panel.ranks(similarity[known], own)
        return found


@dataclass(frozen=True)
class VerifierReading:
    """The readings of one verifier.

    Attributes:
        similarity: (N, G) cosine of each submission to each template of the gallery.
        rank: (N,) rank of the true identity in the gallery, from 1. Ties count against it.
        threshold: tau_v.
        negatives: number of inversion-type negative pairs that set the threshold.
        false_matches: share of these at or above tau_v, with the interval and n of the gallery's
            identities.
        thresholds: (N,) tau_v of each submission if they are of several attacks, each with its own
            threshold. `threshold` is then the largest.
        candidates: of all reconstructions, for the rows of the scores. Findings do not keep them.
    """

    name: str
    digest: str
    similarity: np.ndarray
    rank: np.ndarray
    threshold: float
    negatives: int
    false_matches: Estimate
    thresholds: np.ndarray | None = None
    candidates: Candidates | None = None

    def threshold_of(self, row: int) -> float:
        """Return tau_v of a submission."""
        return self.threshold if self.thresholds is None else float(self.thresholds[row])

    @property
    def false_match_rate(self) -> float:
        return self.false_matches.value


@dataclass(frozen=True)
class PartialControl:
    """A control that exists for some identities only (a twin).

    Attributes:
        identities: (n,).
        hits: (n,) bool, whether the control's image matched its identity.
    """

    identities: np.ndarray
    hits: np.ndarray


@dataclass(frozen=True)
class Verification:
    """Readings of all verifiers for N submissions against a gallery of G identities.

    Attributes:
        identities: (N,) the identity each submission was made for.
        gallery: (G,) the identity of each template.
        hits: (N, G) bool, the submission ranks this identity first and above the threshold, under
            every verifier.
        success: (N,) bool, S_k, the hit on its own identity.
        rank1: (N,) bool, the same without the threshold.
        alone: verifier name -> (N,) bool, the hit on its own identity under this verifier alone.
        control_hits: control name -> (N,) bool, whether that control's image for k matched k.
        partial: the same for controls of some identities.
        error: how often all verifiers together are wrong; None if it could not be measured.
        exposures: p-values, and who is named.
        restarts: (2, N) how many reconstructions of each identity every verifier recognises, and
            how many there are.
        by_attack: (A, N) bool, S_k of each of several attacks, else None.
        chosen: (N,) the attack whose submission the readings are of, if there are several.
    """

    identities: np.ndarray
    gallery: np.ndarray
    readings: tuple[VerifierReading, ...]
    hits: np.ndarray
    success: np.ndarray
    rank1: np.ndarray
    alone: dict[str, np.ndarray]
    control_hits: dict[str, np.ndarray]
    exposures: Exposures
    restarts: np.ndarray
    error: VerifierError | None = None
    partial: dict[str, PartialControl] = field(default_factory=dict)
    by_attack: np.ndarray | None = None
    chosen: np.ndarray | None = None


def threshold(negatives: np.ndarray, *, rate: float = FALSE_MATCH_RATE) -> float:
    """Return the smallest tau with at most a share `rate` of the negatives at or above it.

    With fewer negatives than 1 / rate, none may reach tau, which is then just above their maximum.
    """
    ordered = np.sort(negatives)[::-1]
    allowed = int(np.floor(rate * len(ordered)))
    return float(np.nextafter(ordered[allowed], np.float32(np.inf), dtype=np.float32))


def verify(
    submissions: np.ndarray,
    identities: Sequence[int] | np.ndarray,
    reference_images: np.ndarray,
    reference_labels: np.ndarray,
    verifiers: Sequence[Embedder],
    *,
    reconstructions: np.ndarray,
    reconstructed_for: Sequence[int] | np.ndarray,
    controls: Mapping[str, np.ndarray] | None = None,
    partial: Mapping[str, tuple[np.ndarray, np.ndarray]] | None = None,
    held_out: tuple[np.ndarray, np.ndarray] | None = None,
    panel: Panel | None = None,
) -> Verification:
    """Score frozen submissions against the private images.

    Args:
        submissions: uint8 (N, H, W) or (N, H, W, C), one per identity.
        identities: (N,).
        reference_images, reference_labels: private training images of the gallery. It must contain
            all attacked identities and may contain more.
        reconstructions, reconstructed_for: every reconstruction of the attack. Those for j, paired
            with k != j, are the inversion-type negatives that set tau_v.
        controls: name -> images, one per identity in the order of `identities`. They are made
            without the leak, so they are negatives for every k. They are scored like submissions.
        partial: name -> (images, identities) of a control for some identities. Scored in the same
            way, but not used as negatives.
        held_out: (images, labels) of the same people that are not in the gallery. They measure how
            often real images are accepted. Without them, each reference image is compared with a
            template made without it.
        panel: the panel of these verifiers and references, if it exists already.

    Raises: ValueError when an attacked identity has no private image or no verifier is given.
    """
    wanted, made_for = np.asarray(identities), np.asarray(reconstructed_for)
    if missing := sorted(set(wanted.tolist()) - set(np.unique(reference_labels).tolist())):
        raise ValueError(f"no reference images for identities {missing[:10]}")
    if not verifiers:
        raise ValueError("at least one verifier is needed")
    panel = panel or Panel.of(verifiers, reference_images, reference_labels)
    gallery, own = panel.gallery, panel.columns(wanted)
    of_reconstructions = panel.similarities(reconstructions)
    of_controls = {name: panel.similarities(images) for name, images in (controls or {}).items()}
    made_for_other = gallery[None, :] != made_for[:, None]
    negatives = [
        np.concatenate([r[made_for_other], *(of_controls[name][v].ravel() for name in of_controls)])
        for v, r in enumerate(of_reconstructions)
    ]
    taus = [threshold(each) for each in negatives]
    similarities = panel.similarities(submissions)
    hits = panel.hits(similarities, taus)
    rows = np.arange(len(wanted))
    readings = tuple(
        VerifierReading(
            verifier.name,
            verifier.digest,
            similarities[v],
            panel.ranks(similarities[v], own),
            taus[v],
            len(negatives[v]),
            false_matches(
                of_reconstructions[v], made_for_other, [of_controls[name][v] for name in of_controls], taus[v]
            ),
            candidates=Candidates.of(panel, of_reconstructions[v], made_for),
        )
        for v, verifier in enumerate(verifiers)
    )
    success = hits[rows, own]
    # (M, N) similarity to k of every image that cannot show k: reconstructions made for others,
    # and controls
    null = [
        np.concatenate(
            [np.where(made_for_other[:, own], r[:, own], np.nan), *(of_controls[n][v][:, own] for n in of_controls)]
        )
        for v, r in enumerate(of_reconstructions)
    ]
    recognised = panel.hits(of_reconstructions, taus)[:, own]
    made_for_own = made_for[:, None] == wanted[None, :]
    taken = np.concatenate([recognised, *(panel.hits(s, taus)[:, own] for s in of_controls.values())])
    accepted = panel.accepted(taus, held_out)
    partial_images = {
        name: (panel.similarities(images), np.asarray(labels)) for name, (images, labels) in (partial or {}).items()
    }
    return Verification(
        identities=wanted,
        gallery=gallery,
        readings=readings,
        hits=hits,
        success=success,
        rank1=np.all([r.rank == 1 for r in readings], axis=0),
        alone={r.name: (r.rank == 1) & (r.similarity[rows, own] >= r.threshold) for r in readings},
        control_hits={name: panel.hits(s, taus)[rows, own] for name, s in of_controls.items()},
        exposures=exposures([s[rows, own] for s in similarities], [each.T for each in null], success),
        restarts=np.stack([(recognised & made_for_own).sum(0), made_for_own.sum(0)]),
        error=None if accepted is None else VerifierError(accepted, _share(taken, np.isnan(null[0]))),
        partial={
            name: PartialControl(labels, panel.hits(s, taus)[np.arange(len(labels)), panel.columns(labels)])
            for name, (s, labels) in partial_images.items()
        },
    )


def false_matches(
    of_reconstructions: np.ndarray, made_for_other: np.ndarray, of_controls: Sequence[np.ndarray], tau: float
) -> Estimate:
    """Return the share of the negative pairs at or above tau.

    The interval is over the G identities of the gallery.

    Args:
        of_reconstructions: (M, G) similarities.
        made_for_other: (M, G) which of them are negatives.
        of_controls: (N, G) each, all of them negatives.
    """
    above = ((of_reconstructions >= tau) & made_for_other).sum(0) + sum((s >= tau).sum(0) for s in of_controls)
    pairs = made_for_other.sum(0) + sum(len(s) for s in of_controls)
    return ratio_of_sums(above, pairs, most=1.0)


def _share(taken: np.ndarray, excluded: np.ndarray) -> np.ndarray:
    """Return the share (N,) of the images (M, N) not excluded that matched the identity."""
    counted = (~excluded).sum(0)
    share: np.ndarray = (taken & ~excluded).sum(0) / np.maximum(counted, 1)
    return share
