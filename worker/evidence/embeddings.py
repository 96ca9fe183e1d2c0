"""Embeddings of images by verifiers.

Those of public images are stored, those of private ones not.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.contract.plan import Plan
from worker.evaluation.verifiers import Embedder
from worker.evidence.artifacts import make_artifact
from worker.evidence.private_set import PrivateSet
from worker.intake import SandboxedVerifier
from worker.inversion.data import images_digest
from worker.inversion.keys import Key, Maker
from worker.inversion.progress import Progress, part_of
from worker.job.context import StageContext

KIND = "public_embeddings"
CHUNK = 1024
EMBEDDINGS = Maker(
    "embeddings",
    1,
    (
        "worker.evaluation.verifiers",
        "worker.evidence.embeddings",
        "worker.inversion.arrays",
    ),
)


class CachedEmbedder:
    """A verifier with some embeddings cached. It computes the others."""

    def __init__(self, verifier: Embedder, known: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
        self.name, self.digest, self._verifier = verifier.name, verifier.digest, verifier
        self._known = {
            _key(image): row
            for images, embeddings in known
            for image, row in zip(images, embeddings, strict=True)
        }  # fmt: skip

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Embed uint8 (N, H, W) or (N, H, W, C) as unit-length float32 (N, d)."""
        seen = [self._known.get(_key(image)) for image in images]
        found = [row for row in seen if row is not None]
        return np.stack(found) if found and len(found) == len(images) else self._verifier.embed(images)


def _key(image: np.ndarray) -> bytes:
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()


def with_cached_embeddings(
    context: StageContext,
    verifiers: Sequence[Embedder],
    plan: Plan,
    public: np.ndarray,
    private: PrivateSet,
    *,
    progress: Progress,
) -> list[CachedEmbedder]:
    """Return the verifiers with cached embeddings of the public and private images.

    Those of public images are reused from earlier audits or stored. Those of private images are
    computed now and not stored.

    Progress: done and total count images of all verifiers.
    """
    images, whole = images_digest(public), private.whole
    known = []
    for number, verifier in enumerate(verifiers):
        own = part_of(progress, number, len(verifiers))
        key = key_of(verifier, plan, images)

        def make(path: Path, verifier: Embedder = verifier, progress: Progress = own) -> dict[str, Any]:
            with path.open("wb") as file:
                np.save(file, in_chunks(verifier, public, progress), allow_pickle=False)
            return {"images": len(public), "verifier": verifier.name}

        made = make_artifact(context, KIND, key, make)
        seen = [(public, np.load(made.path, allow_pickle=False)), (whole.images, verifier.embed(whole.images))]
        known.append(CachedEmbedder(verifier, seen))
        own(1, 1, {})
    return known


def key_of(verifier: Embedder, plan: Plan, images: str) -> Key:
    """Return the key of a verifier's embeddings of public images with this digest."""
    planned = {one.digest: one.convention for one in plan.verifiers or []}
    return EMBEDDINGS.key(verifier=verifier.digest, convention=planned.get(verifier.digest), images=images)


def in_chunks(verifier: Embedder, images: np.ndarray, progress: Progress) -> np.ndarray:
    """Embed images `CHUNK` at a time, and report the number of those done.

    An uploaded verifier is given all of them, for which it starts one process.
    """
    if isinstance(verifier, SandboxedVerifier):
        return verifier.embed(images, progress)
    rows = []
    for at in range(0, len(images), CHUNK):
        rows.append(verifier.embed(images[at : at + CHUNK]))
        progress(min(at + CHUNK, len(images)), len(images), {})
    return np.concatenate(rows)
