"""A panel of verifiers and a gallery: similarities, ranks, and matches under all verifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from worker.evaluation.guessing import NO_GUESS, against_guessing
from worker.evaluation.statistics import by_identity
from worker.evaluation.verifiers import Embedder

TIE = 1e-6
"""Similarities closer than this are a tie. The last bits depend on the machine."""


def templates(embeddings: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the unit mean embedding of each identity.

    Shapes: embeddings (M, d), labels (M,) -> templates (G, d), identities (G,).
    """
    gallery = np.unique(labels)
    means = np.stack([embeddings[labels == k].mean(0) for k in gallery])
    return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12), gallery


@dataclass(frozen=True)
class Panel:
    """V verifiers with their templates (G, d) and their embeddings of the reference images (M, d).

    Attributes:
        gallery: (G,) identities, ascending.
        labels: (M,) identity of each reference image.
    """

    verifiers: tuple[Embedder, ...]
    templates: tuple[np.ndarray, ...]
    references: tuple[np.ndarray, ...]
    labels: np.ndarray
    gallery: np.ndarray

    @classmethod
    def of(cls, verifiers: Sequence[Embedder], images: np.ndarray, labels: np.ndarray) -> Panel:
        """Embed the reference images (M, H, W[, C]) of a gallery, with labels (M,)."""
        references = tuple(v.embed(images) for v in verifiers)
        made = tuple(templates(e, labels)[0] for e in references)
        return cls(tuple(verifiers), made, references, np.asarray(labels), np.unique(labels))

    def among(self, images: np.ndarray, labels: np.ndarray) -> Panel:
        """Return this panel with a gallery enlarged by other people's images (M, H, W[, C]).

        Their labels (M,) must be larger than all labels of this gallery. The added people do not
        count as reference images: they measure nothing and only make rank 1 harder to reach.
        """
        if not len(images):
            return self
        others = [templates(v.embed(images), labels) for v in self.verifiers]
        return replace(
            self,
            templates=tuple(np.concatenate([own, more]) for own, (more, _) in zip(self.templates, others, strict=True)),
            gallery=np.concatenate([self.gallery, np.unique(labels)]),
        )

    def columns(self, identities: np.ndarray) -> np.ndarray:
        """Return the gallery columns of these identities."""
        at: np.ndarray = np.searchsorted(self.gallery, identities)
        return at

    def similarities(self, images: np.ndarray) -> list[np.ndarray]:
        """Return (N, G) for each verifier: cosine of each image to each template."""
        return [v.embed(images) @ t.T for v, t in zip(self.verifiers, self.templates, strict=True)]

    @staticmethod
    def ranks(similarity: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Return the rank (N,) of the true identity, from 1. Ties count against it."""
        true = similarity[np.arange(len(own)), own]
        better: np.ndarray = (similarity >= true[:, None] - TIE).sum(1)
        return better

    @staticmethod
    def guesses(similarity: np.ndarray) -> np.ndarray:
        """Return the gallery column (N,) that each image ranks first, `NO_GUESS` if tied."""
        found: np.ndarray = np.where(first(similarity).any(1), similarity.argmax(1), NO_GUESS)
        return found

    @staticmethod
    def hits(similarities: Sequence[np.ndarray], taus: Sequence[float]) -> np.ndarray:
        """Return (N, G) bool: first without a tie, and at least tau, under every verifier."""
        found: np.ndarray = np.all([first(s) & (s >= tau) for s, tau in zip(similarities, taus, strict=True)], axis=0)
        return found

    def real(self, held_out: tuple[np.ndarray, np.ndarray] | None) -> tuple[list[np.ndarray], np.ndarray]:
        """Return similarities and labels of real images that are not in their templates.

        These are the held-out images if there are any. Otherwise they are the reference images of
        identities with two or more, each compared with a template made without it.
        """
        known = np.zeros(0, bool) if held_out is None else np.isin(held_out[1], self.gallery)
        if held_out is not None and known.any():
            return self.similarities(held_out[0][known]), held_out[1][known]
        own = self.columns(self.labels)
        several = np.bincount(own)[own] > 1
        out = []
        for e, t in zip(self.references, self.templates, strict=True):
            sums = np.stack([e[self.labels == k].sum(0) for k in self.gallery])
            left = sums[own] - e
            left /= np.maximum(np.linalg.norm(left, axis=1, keepdims=True), 1e-12)
            s = e @ t.T
            s[np.arange(len(own)), own] = (e * left).sum(1)
            out.append(s[several])
        return out, self.labels[several]

    def accepted(self, taus: Sequence[float], held_out: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray | None:
        """Return per identity (M,) how often its real images match; None if there are none."""
        similarities, labels = self.real(held_out)
        if not len(labels):
            return None
        hits = self.hits(similarities, taus)[np.arange(len(labels)), self.columns(labels)]
        return by_identity(hits, labels)

    def without(self, names: Sequence[str]) -> Panel:
        """Return the panel without the verifiers of these names."""
        keep = [i for i, v in enumerate(self.verifiers) if v.name not in set(names)]
        return Panel(
            verifiers=tuple(self.verifiers[i] for i in keep),
            templates=tuple(self.templates[i] for i in keep),
            references=tuple(self.references[i] for i in keep),
            labels=self.labels,
            gallery=self.gallery,
        )


def blind(guesses: np.ndarray, own: np.ndarray, gallery: int) -> bool:
    """Return whether a verifier ranks real images (M,) no better than guessing.

    False where even a perfect verifier could not do better, for example without real images.

    Args:
        guesses: the gallery column that it ranks first for each image.
        own: the column of each image's own identity.
        gallery: number of identities.
    """
    return against_guessing(guesses, own, gallery).at_chance


def first(similarity: np.ndarray) -> np.ndarray:
    """Return (N, G) bool: ahead of every other template, by more than a tie."""
    ordered = np.sort(similarity, axis=1)
    runner_up = ordered[:, -2:-1] if similarity.shape[1] > 1 else np.full((len(similarity), 1), -2.0)
    clear = ordered[:, -1:] - runner_up > TIE
    ahead: np.ndarray = (similarity == ordered[:, -1:]) & clear
    return ahead
