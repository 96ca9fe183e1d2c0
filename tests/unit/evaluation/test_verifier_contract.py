"""The facts by which the service proposes to train verifiers are those of the training."""

import pytest

from app.contract import verifier_training
from worker.evaluation import embedder_training, embedders, splitting, verifier_pair


def test_its_numbers_are_those_of_the_training() -> None:
    recipe = embedder_training.EmbedderRecipe("contrastive")
    assert (recipe.steps, recipe.classes * recipe.samples) == (verifier_training.STEPS, verifier_training.IMAGES_A_STEP)
    assert (verifier_training.FEWEST_PEOPLE, verifier_training.FEWEST_IMAGES) == (
        splitting.FEWEST,
        splitting.FEWEST_IMAGES,
    )
    assert (verifier_training.SMALLEST, verifier_training.LARGEST) == (verifier_pair.SMALLEST, verifier_pair.LARGEST)


@pytest.mark.parametrize("size", [(16, 16), (17, 45), (32, 32), (64, 64), (100, 97), (224, 224), (512, 16)])
def test_its_networks_have_the_same_size(size: tuple[int, int]) -> None:
    assert verifier_training.inner_size(*size) == embedders.inner_size(*size)


def test_the_time_grows_with_the_pixels_that_the_networks_see() -> None:
    small, middle, large = (verifier_training.training_seconds(side, side) for side in (32, 64, 512))
    assert middle == pytest.approx(4 * small)
    assert large == pytest.approx(9 * small)
