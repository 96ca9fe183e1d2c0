"""Reconstructions between the engine and the database."""

import io
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image

from app.db.models import Reconstruction as Row
from app.jobs.sealing import film_context, image_context
from app.kit.crypto import KEY_BYTES, UnsealError, unseal
from worker.evidence.films import pictured
from worker.evidence.reconstructions import ATTACK, DamagedReconstructionError, Picture
from worker.inversion.attacks import Reconstruction
from worker.inversion.attacks.film import Strip

MADE = Reconstruction(
    image=np.arange(48, dtype=np.uint8).reshape(4, 4, 3),
    identity=3,
    restart=1,
    seed=7,
    target_score=-0.25,
    target_confidence=0.75,
    selected=True,
    iterations=150,
    target_top1=True,
    micro_batch=20,
    film=Strip((0, 150), np.arange(96, dtype=np.uint8).reshape(2, 4, 4, 3)),
)


@pytest.fixture
def key() -> bytes:
    return bytes(range(KEY_BYTES))


def row_of(picture: Picture, key: bytes) -> Row:
    inputs: Any = SimpleNamespace(project_id=uuid4(), audit_id=uuid4())
    return Row(id=uuid4(), **picture.to_row(inputs, key))


def test_everything_that_the_engine_says_of_a_reconstruction_is_stored(key: bytes) -> None:
    row = row_of(Picture.of(ATTACK, MADE, 0, setting="lom"), key)
    stored = {**row.details, **{column.key: getattr(row, column.key) for column in Row.__table__.columns}}
    stored |= {"selected": row.submitted, "image": Picture.from_row(row, key).image, "film": MADE.film}
    for field in fields(Reconstruction):
        assert np.array_equal(stored[field.name], getattr(MADE, field.name)), field.name
    assert row.details == {"iterations": 150, "target_top1": True, "micro_batch": 20, "setting": "lom"}
    assert f"sha256:{row.digest}" == MADE.digest
    sealed = film_context(image_context(row.audit_id, ATTACK, 3, 7, 1))
    frames = np.asarray(Image.open(io.BytesIO(unseal(key, row.sealed_film or b"", sealed))))
    assert np.array_equal(frames, np.concatenate(list(MADE.film.frames), axis=1))  # type: ignore[union-attr]
    assert row.film_steps == [0, 150]
    assert pictured(Strip((0, 1), np.zeros((2, 128, 96, 3), np.uint8))).shape == (64, 96, 3)


def test_a_picture_comes_back_from_its_row_as_it_was(key: bytes) -> None:
    picture = Picture.of(ATTACK, MADE, 3)
    row = row_of(picture, key)
    back = Picture.from_row(row, key)
    np.testing.assert_array_equal(back.image, MADE.image)
    assert replace(back, image=picture.image) == replace(picture, id=row.id, film=None)


def test_a_row_with_the_digest_of_another_image_is_rejected(key: bytes) -> None:
    row = row_of(Picture.of(ATTACK, MADE, 0), key)
    row.digest = Picture.of(ATTACK, replace(MADE, seed=8), 0).digest
    with pytest.raises(DamagedReconstructionError, match="is not the one that was stored"):
        Picture.from_row(row, key)


def test_an_image_cannot_be_opened_as_that_of_another_attack(key: bytes) -> None:
    row = row_of(Picture.of(ATTACK, MADE, 1), key)
    row.attack = 0
    with pytest.raises(UnsealError):
        Picture.from_row(row, key)
