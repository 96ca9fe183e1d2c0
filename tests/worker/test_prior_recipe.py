"""The recipe by which an audit trains its prior."""

import pytest

from worker.stages.prior import default_recipe

FACES = (3, 64, 64)


@pytest.mark.parametrize(("images", "components"), [(9_998, 512), (300, 299)])
def test_few_public_images_have_fewer_components(images: int, components: int) -> None:
    recipe = default_recipe("pca", FACES, classes=5, images=images)
    assert (recipe["kind"], recipe["latent_dim"]) == ("pca", components)


def test_only_a_kedmi_prior_knows_the_number_of_classes() -> None:
    assert default_recipe("kedmi", FACES, classes=5, images=300)["num_classes"] == 5
    assert "num_classes" not in default_recipe("wgan-gp", FACES, classes=5, images=300)
