"""First guesses of an estimate grow with what the work grows with: images, their size, and who looks at them."""

import pytest

from app.audits.costs import control_seconds, embedding_seconds, student_seconds
from app.audits.inputs import Inputs
from app.audits.judging import PlannedVerifier
from app.db.models import Dataset, Release
from app.jobs.stages import Stage

UPLOADED = PlannedVerifier("mine", "sha256:aa", "uploaded", {})


def inputs(side: int, images: int, *verifiers: PlannedVerifier, private: int | None = 100) -> Inputs:
    public = Dataset(height=side, width=side, images=images)
    other = None if private is None else Dataset(height=side, width=side, images=private)
    return Inputs(Release(), public, other, [], list(verifiers))


def test_students_cost_by_the_public_images_and_their_size() -> None:
    assert student_seconds(inputs(32, 3040)) == pytest.approx(20)
    assert student_seconds(inputs(64, 10_000)) == pytest.approx(1400)
    assert student_seconds(inputs(128, 10_000)) == pytest.approx(5600)


def test_controls_cost_by_the_public_images_and_the_shortlist_of_each_identity() -> None:
    assert control_seconds(inputs(32, 2_000), 0) == pytest.approx(1)
    assert control_seconds(inputs(64, 10_000), 74) == pytest.approx(0.002 * (10_000 + 128 * 74))


def test_uploaded_verifiers_look_at_every_image_and_bundled_ones_are_in_the_guess() -> None:
    two = (UPLOADED, PlannedVerifier("other", "sha256:bb", "uploaded", {}))
    assert embedding_seconds(inputs(64, 9_900, *two), Stage.PREPARE) == pytest.approx(200)
    assert embedding_seconds(inputs(64, 9_900, *two), Stage.VERIFY) == pytest.approx(2)
    assert embedding_seconds(inputs(64, 9_900, *two), Stage.ATTACK) == 0
    assert embedding_seconds(inputs(64, 9_900, *two, private=None), Stage.PREPARE) == 0
    bundled = PlannedVerifier("shipped", "sha256:cc", "bundled", {})
    assert embedding_seconds(inputs(64, 9_900, bundled), Stage.PREPARE) == 0
