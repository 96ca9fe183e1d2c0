"""The recipe of an audit's prior, and an audit with principal components."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.models import Reconstruction
from app.db.session import sync_session
from tests.worker.rows import jobs_of
from tests.worker.tiny import tiny_audit
from worker.runtime.run import run_claimed
from worker.stages.prior import default_recipe

FACES = (3, 64, 64)


@pytest.mark.parametrize(("images", "components"), [(9_998, 512), (300, 299)])
def test_few_public_images_have_fewer_components(images: int, components: int) -> None:
    recipe = default_recipe("pca", FACES, classes=5, images=images)
    assert (recipe["kind"], recipe["latent_dim"]) == ("pca", components)


def test_only_a_kedmi_prior_knows_the_number_of_classes() -> None:
    assert default_recipe("kedmi", FACES, classes=5, images=300)["num_classes"] == 5
    assert "num_classes" not in default_recipe("wgan-gp", FACES, classes=5, images=300)


@pytest.mark.usefixtures("settings_env")
def test_an_audit_attacks_through_principal_components(tmp_path: Path) -> None:
    options = {"pool": 8, "views": 2, "micro_batch": 4, "realism_weight": 10.0}
    audit_id = tiny_audit(
        tmp_path, setting="baseline", identities=[1, 3], prior="pca", prior_kind="pca", prior_recipe=None,
        attack_options=options,
    )  # fmt: skip
    for stage in ("references", "prepare", "prior", "students", "attack"):
        run_claimed(jobs_of(audit_id, stage)[0].id)
    prior, attack = (jobs_of(audit_id, stage)[0] for stage in ("prior", "attack"))
    assert prior.state == attack.state == "succeeded", (prior.problem, attack.problem)
    assert prior.result is not None
    assert (prior.result["recipe"]["kind"], prior.result["recipe"]["latent_dim"]) == ("pca", 99)  # of 100 public images
    with sync_session() as session:
        made = session.scalars(select(Reconstruction).where(Reconstruction.audit_id == audit_id)).all()
    assert {(r.identity, r.restart) for r in made if r.source == "attack"} == {(k, r) for k in (1, 3) for r in (0, 1)}
