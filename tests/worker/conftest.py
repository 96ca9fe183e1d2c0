"""A client of the broker, and reference models that several tests share."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from redis import Redis

from worker.evaluation import reference
from worker.evaluation.evaluator import Evaluator
from worker.evaluation.reference import train_reference
from worker.evidence import reference_model
from worker.inversion.data import images_digest

TRAINED: dict[tuple[Any, ...], Evaluator] = {}
"""Reference models by images, labels, number of classes, and epochs, which a test may shorten."""


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture(autouse=True)
def train_each_reference_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train a reference model once per test process. Most tests have the same private images.

    Training depends on nothing else, and takes half of the time of a tiny audit.
    """

    def train(images: np.ndarray, labels: np.ndarray, *, classes: int, **options: Any) -> Evaluator:
        key = (images_digest(images), labels.tobytes(), classes, reference.EPOCHS)
        if key not in TRAINED:
            TRAINED[key] = train_reference(images, labels, classes=classes, **options)
        return TRAINED[key]

    monkeypatch.setattr(reference_model, "train_reference", train)
