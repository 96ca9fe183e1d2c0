"""Sample sheets of data sets: covered, revealed for a purpose, and logged with each picture."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from app.datasets import samples
from tests.api import seeds
from tests.api.conftest import Tenant, problem
from tests.api.test_refused_reveals import WHY, refusals
from tests.api.test_results import audit  # noqa: F401 - the fixture of an audit


async def test_a_sheet_is_covered_until_a_purpose_is_stated_and_logged(
    tenant: Tenant,
    stranger: Tenant,
    audit: dict[str, Any],  # noqa: F811
    tmp_path: Path,
) -> None:
    dataset = audit["private_dataset"]["id"]
    path = f"/api/v1/datasets/{dataset}/samples/image"
    problem(await tenant.client.get(path), 404, "no_such_image")
    images = seeds.store_packed(dataset, tmp_path)
    covered = Image.open(io.BytesIO((await tenant.client.get(path)).content))
    assert covered.size == (3 * 34 - 2, 3 * 34 - 2)
    problem(await tenant.client.get(path, params=WHY), 409, "not_frozen")
    seeds.freeze(audit["id"])
    answer = await tenant.client.get(path, params=WHY)
    shown = Image.open(io.BytesIO(answer.content))
    assert WHY["purpose"] in shown.info["Exhume reveal"]
    grey = np.array(shown.convert("L"))
    assert np.array_equal(grey[34:66, 34:66], images[4])
    assert np.array(shown)[33, 33, 3] == 0  # the gap
    problem(await stranger.client.get(path, params=WHY), 404, "no_such_dataset")
    assert [(one["subject"], one["details"]["reason"]) for one in await refusals(tenant)] == [
        (f"{dataset}/samples", "not_frozen")
    ]
    entries = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).json()["items"]
    (entry,) = [one for one in entries if one["action"] == "image.revealed"]
    assert entry["subject"] == f"{dataset}/samples"
    assert entry["details"] == {
        "dataset": dataset,
        "purpose": WHY["purpose"],
        "pictures": [f"{dataset}/{index}" for index in range(8)],
    }


def test_samples_are_spread_over_the_set_and_large_images_are_made_smaller() -> None:
    assert samples.chosen(3) == [0, 1, 2]
    places = samples.chosen(1000)
    assert (len(places), places[0], places[-1]) == (64, 0, 984)
    assert samples.sheet_size(1000, 384, 192) == (8 * 98 - 2, 8 * 50 - 2)
    made = samples.sheet([Image.new("L", (192, 384), shade) for shade in (10, 250)])
    assert made.size == (98, 96)
    assert made.getpixel((97, 0)) == (250, 250, 250, 255)
