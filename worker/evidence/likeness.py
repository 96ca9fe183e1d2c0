"""What a verifier finds most similar to a submission: people, private images, public images."""

from collections.abc import Sequence

import numpy as np

from app.contract.likeness import AlikeImage, Likeness, Neighbour
from app.jobs.stages import Stage
from worker.evaluation.verifiers import Embedder
from worker.evidence.artifacts import fetch
from worker.evidence.earlier import stage_result
from worker.evidence.embeddings import KIND, key_of
from worker.evidence.inputs import AuditInputs
from worker.evidence.private_set import References
from worker.job.context import StageContext

NEIGHBOURS, REFERENCES = 5, 3


class PublicImages:
    """Embeddings of the public images by one verifier, as the references stage stored them.

    Copies of private images are left out.
    """

    def __init__(self, embeddings: np.ndarray, dropped: Sequence[int]) -> None:
        self._embeddings, self._dropped = embeddings, list(dropped)

    def nearest(self, embedded: np.ndarray) -> list[AlikeImage]:
        """Return the most similar public image of each of the embedded images (N, d)."""
        similarity = embedded @ self._embeddings.T
        similarity[:, self._dropped] = -np.inf
        best = similarity.argmax(1)
        return [AlikeImage(index=int(at), similarity=float(row[at])) for row, at in zip(similarity, best, strict=True)]


def public_embeddings(
    context: StageContext, inputs: AuditInputs, verifiers: Sequence[Embedder]
) -> list[PublicImages | None]:
    """Return the embeddings of each verifier, or None if they are not stored."""
    dropped = stage_result(context, Stage.PREPARE)["contamination"]["dropped"]
    paths = [fetch(context, KIND, key_of(one, inputs.plan, inputs.public.images_digest)) for one in verifiers]
    return [None if path is None else PublicImages(np.load(path, allow_pickle=False), dropped) for path in paths]


def likenesses(
    verifier: Embedder,
    images: np.ndarray,
    identities: np.ndarray,
    *,
    train: References,
    references: np.ndarray,
    gallery: np.ndarray,
    similarity: np.ndarray,
    classes: int,
    public: PublicImages | None,
) -> list[Likeness]:
    """Return what a verifier finds most similar to each of N submissions.

    Args:
        references: the verifier's embeddings (M, d) of the images of `train`.
        gallery, similarity: identities (G,) of the templates, and cosines (N, G) to them.
        classes: of the target. Other people of the gallery have greater labels.
    """
    embedded = verifier.embed(images)
    to_references = embedded @ references.T
    to_references[train.labels[None, :] != identities[:, None]] = -np.inf
    nearest_public = public.nearest(embedded) if public is not None else [None] * len(images)
    return [
        Likeness(
            neighbours=[
                Neighbour(
                    identity=int(gallery[at]) if gallery[at] < classes else None, similarity=float(similarity[row, at])
                )
                for at in first(similarity[row], NEIGHBOURS)
            ],
            references=[
                AlikeImage(index=int(train.index[at]), similarity=float(to_references[row, at]))
                for at in first(to_references[row], REFERENCES)
                if np.isfinite(to_references[row, at])
            ],
            public=nearest_public[row],
        )
        for row in range(len(images))
    ]


def first(similarity: np.ndarray, most: int) -> np.ndarray:
    """Return the places of the greatest similarities, greatest first, and the first of equals."""
    order: np.ndarray = np.argsort(-similarity, kind="stable")[:most]
    return order
