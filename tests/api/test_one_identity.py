"""One identity of an audit, and the pictures that its page shows."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sqlalchemy import delete, update

from app.audits.cover import cover
from app.db.models import Reconstruction, Score
from app.db.session import sync_session
from tests.api import seeds
from tests.api.conftest import Tenant, problem
from tests.api.test_refused_reveals import WHY, refusals
from tests.api.test_results import audit, log_of  # noqa: F401 - a fixture
from tests.results import RESULT


async def test_an_identity_has_its_restarts_and_what_each_verifier_finds_alike(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811 - the fixture
) -> None:
    path = f"/api/v1/audits/{audit['id']}/identities"
    problem(await tenant.client.get(f"{path}/1"), 404, "identity_not_audited")
    submitted = seeds.add_reconstructions(audit["id"], [0, 1, 2])
    seeds.finish(audit["id"], submitted, RESULT)
    with sync_session() as session:
        other = session.query(Reconstruction).filter_by(identity=1, submitted=False).one()
        shared = {"audit_id": other.audit_id, "project_id": other.project_id, "reconstruction_id": other.id}
        for judge, rank in (("a", 1), ("b", 3)):
            reading = {"kind": "verifier", "rank": rank, "similarity": 0.6, "threshold": 0.5, "passed": rank == 1}
            session.add(Score(judge=judge, **reading, **shared))
    found = (await tenant.client.get(f"{path}/1")).json()
    (listed,) = [one for one in (await tenant.client.get(path)).json()["items"] if one["identity"] == 1]
    assert {name: found[name] for name in listed} == listed, "the same as in the list"
    assert (found["previous"], found["next"], found["place"], found["identities"]) == (2, 0, 2, 3)
    first, second = found["candidates"]
    assert (first["id"], first["submitted"], first["recognised"]) == (f"rec_{submitted[1].hex}", True, True)
    assert (second["submitted"], second["recognised"], second["target_score"]) == (False, False, 1.5)
    assert [(score["judge"], score["rank"]) for score in second["scores"]] == [("a", 1), ("b", 3)]
    a, b = found["judgements"]
    assert a["neighbours"] == [
        {"identity": 3, "name": seeds.CLASSES[3], "similarity": 0.9},
        {"identity": None, "name": None, "similarity": 0.7},
    ]
    assert (a["references"], a["public"]) == (seeds.LIKENESS["references"], seeds.LIKENESS["public"])
    assert (b["neighbours"], b["references"], b["public"]) == ([], [], None), "as an older version stored it"
    assert (first["film_steps"], second["film_steps"]) == ([0, 50], None)
    film = f"/api/v1/reconstructions/{first['id']}/film/image"
    assert (await tenant.client.get(film)).content == cover(32, 64)
    shown = Image.open(io.BytesIO((await tenant.client.get(film, params=WHY)).content))
    assert np.array_equal(np.asarray(shown), np.asarray(Image.open(io.BytesIO(seeds.png(1001)))))
    (entry,) = await log_of(tenant)
    assert entry["subject"] == f"{first['id']}/film"
    missing = f"/api/v1/reconstructions/{second['id']}/film/image"
    problem(await tenant.client.get(missing, params=WHY), 404, "no_film")
    with sync_session() as session:
        session.execute(delete(Score))
        session.execute(update(Reconstruction).values(sealed_image=None, sealed_film=None))
    problem(await tenant.client.get(film, params=WHY), 410, "image_deleted")
    reasons = [(one["subject"], one["details"]["reason"]) for one in await refusals(tenant)]
    assert reasons == [(f"{first['id']}/film", "image_deleted"), (f"{second['id']}/film", "no_film")]
    bare = (await tenant.client.get(f"{path}/1")).json()
    assert [(one["recognised"], one["image_available"]) for one in bare["candidates"]] == [(None, False)] * 2
    assert bare["judgements"] == []
    assert bare["candidates"][0]["film_steps"] is None


async def test_a_public_image_is_covered_and_its_reveal_is_logged(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    images = seeds.store_packed(audit["public_dataset"]["id"], tmp_path)
    path = f"/api/v1/audits/{audit['id']}/public-images/{{}}/image"
    assert (await tenant.client.get(path.format(5))).content == cover(32, 32)
    assert await log_of(tenant) == []
    answer = await tenant.client.get(path.format(5), params=WHY)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(answer.content))), images[5])
    (entry,) = await log_of(tenant)
    assert (entry["subject"], entry["details"]["purpose"]) == (f"{audit['public_dataset']['id']}/5", WHY["purpose"])
    problem(await tenant.client.get(path.format(8), params=WHY), 404, "no_such_image")
    problem(await tenant.client.get(path.format(5), params={"original": True}), 422, "purpose_required")
    found = [(one["details"]["reason"], one["subject"]) for one in await refusals(tenant)]
    prefix = f"{audit['id']}/public-images"
    assert found == [("purpose_required", f"{prefix}/5"), ("no_such_image", f"{prefix}/8")]
