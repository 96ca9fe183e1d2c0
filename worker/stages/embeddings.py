"""What a verifier says of the public images: the same in every audit, so it is kept; of private ones nothing is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.kit.canonical import digest
from worker.evaluation.verifiers import Embedder
from worker.inversion.data import images_digest
from worker.runtime.context import StageContext
from worker.stages.artifacts import make_artifact

KIND = "public_embeddings"
VERSION = "embeddings/1"


class KnowingPublic:
    """A verifier that has seen these images already and looks at all others itself."""

    def __init__(self, verifier: Embedder, public: np.ndarray, embeddings: np.ndarray) -> None:
        self.name, self.digest = verifier.name, verifier.digest
        self._verifier, self._public, self._embeddings = verifier, public, embeddings

    def embed(self, images: np.ndarray) -> np.ndarray:
        """uint8 (N, H, W) or (N, H, W, C) -> unit-length float32 (N, d)."""
        return self._embeddings if images is self._public else self._verifier.embed(images)


def knowing_public(
    context: StageContext, verifiers: Sequence[Embedder], plan: dict[str, Any], public: np.ndarray
) -> list[KnowingPublic]:
    """These verifiers, each with its embeddings of the public images: from an earlier audit, or made and kept now."""
    planned = {str(one["digest"]): one.get("convention") for one in plan.get("verifiers") or []}
    images = images_digest(public)
    known = []
    for verifier in verifiers:
        content = {"verifier": verifier.digest, "convention": planned.get(verifier.digest), "images": images,
                   "code": VERSION}  # fmt: skip

        def make(path: Path, verifier: Embedder = verifier) -> dict[str, Any]:
            with path.open("wb") as file:
                np.save(file, verifier.embed(public), allow_pickle=False)
            return {"images": len(public), "verifier": verifier.name}

        made = make_artifact(context, KIND, digest(content), make)
        known.append(KnowingPublic(verifier, public, np.load(made.path, allow_pickle=False)))
    return known
