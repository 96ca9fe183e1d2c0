"""The problems of the ablation, characters and faces, with the models that all cells share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from app.contract.engine import PCA_OPTIONS
from bench.attacks.batchnorm_head import with_batchnorm_head
from bench.attacks.cells import References, Remembering, file_digest
from bench.attacks.faces import PUBLIC, QUICK_ATTACKS, arguments, bench_of
from bench.attacks.image_sets import private_sets, read_zip
from bench.attacks.omniglot import PRIOR, demo_evaluator, demo_students, demo_target, spread
from worker.bundled import omniglot
from worker.evaluation.evaluator import Evaluator
from worker.evaluation.verifiers import Verifier, bundled_verifiers
from worker.inversion.objective import PublicFeatures
from worker.inversion.priors import Prior, load_prior
from worker.inversion.students import public_features
from worker.inversion.targets import Target


@dataclass
class Problem:
    """A target with the attack and the verifiers that assess it.

    Attributes:
        digest: of the target's weights.
        prior_file: file from which `prior` was loaded.
        references, held_out: private images in the target's training set, and outside it.
        students: by seed, distilled once.
        plain: the attack in which each row changes one thing.
    """

    name: str
    target: Target
    digest: str
    prior: Prior
    prior_file: Path
    public: np.ndarray
    references: References
    evaluator: Evaluator
    verifiers: Sequence[Remembering]
    identities: list[int]
    students: Callable[[int], list[Target]]
    plain: dict[str, Any]
    held_out: References | None = None
    controls: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def prior_digest(self) -> str:
        return file_digest(self.prior_file)

    @cached_property
    def regular(self) -> PublicFeatures:
        """Features of the target on the public images."""
        return public_features(self.target, self.public)

    @cached_property
    def batchnorm_head(self) -> tuple[Target, PublicFeatures]:
        """The target with a BatchNorm before its last layer, and its features on `public`."""
        T = with_batchnorm_head(self.target, self.references.images)
        return T, public_features(T, self.public)


def characters(identities: int, cache: Path) -> Problem:
    """Return the demo's target with the shipped prior: random starts, 150 steps, 4 restarts."""
    data = omniglot.load()
    target, digest = demo_target(cache)
    prior = load_prior(PRIOR)
    return Problem(
        "characters", target, digest, prior, PRIOR, data.public.images, data.private_train,
        demo_evaluator(cache), [Remembering(v) for v in bundled_verifiers(prior.shape)], spread(identities),
        lambda seed: demo_students(target, digest, seed, cache),
        {"attack": "gmi", "pool": 0, "steps": 150, "restarts": 4, "micro_batch": 60},
    )  # fmt: skip


def faces(identities: int, data: Path, work: Path, public: str = "lfw") -> Problem:
    """Return the small target of `bench.attacks.faces` with its short search.

    The prior consists of principal components of the public images.
    """
    options = ["--quick", "--data", str(data), "--work", str(work), "--identities", str(identities)]
    shared = bench_of(arguments([*options, "--prior-kind", "pca"]))
    target, card = shared.classifier(f"target-{shared.target_name}", shared.targets[shared.target_name])
    model, _ = shared.classifier(f"evaluator-{shared.evaluator_name}", shared.evaluators[shared.evaluator_name])
    references, held_out = private_sets(shared.data / "lfw64-private.zip")
    images = read_zip(shared.data / PUBLIC[public]).images
    path = shared.prior(public, "pca", images, target, card["sha256"])
    return Problem(
        "faces", target, f"sha256:{card['sha256']}", load_prior(path), path, images,
        references, Evaluator(model),
        [Remembering(Verifier(p)) for p in sorted(shared.data.glob("verifier-face64-*.onnx"))], shared.identities,
        lambda seed: shared.students(target, card["sha256"], images, seed)[0],
        {"attack": "gmi", **QUICK_ATTACKS["gmi"], **PCA_OPTIONS["gmi"]}, held_out,
        {"nearest-public": shared.nearest_public(target, card["sha256"], images)},
    )  # fmt: skip
