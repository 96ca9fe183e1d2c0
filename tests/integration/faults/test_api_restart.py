"""The API dies during an audit that it started, and nothing is lost."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from app.auth.bootstrap import create_admin_key
from app.db.models import Artifact
from app.db.session import sync_session
from app.db.states import JobState
from app.kit.ids import parse_id
from app.storage import store
from tests.integration.faults.http_client import RIGHTS, Api
from tests.integration.faults.processes import Stack, until
from tests.worker.rows import jobs_of
from tests.worker.tiny import ARCHITECTURE, CLASSES, HYPERPARAMETERS, PLAN, SIDE, blobs, save_target
from worker.evidence.artifacts import object_key_of
from worker.evidence.files import sha256_of
from worker.inversion.data import images_digest
from worker.inversion.priors import default_prior_recipe, prior_key, save_prior, train_prior

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1000)]


@pytest.fixture
def api(stack: Stack) -> Iterator[Api]:
    """The API, beside worker and scheduler."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    stack.environment["EXHUME_PORT"] = str(port)
    stack.start("api")
    with sync_session() as session:
        key = create_admin_key(session, "test")
    client = Api(port, key)
    until(client.ready, "the API")
    yield client
    client.http.close()


def keep_tiny_prior(project_id: UUID, images: np.ndarray, folder: Path) -> None:
    """Store a tiny default prior as if an earlier audit had trained it.

    Training takes half an hour.
    """
    path = folder / "prior.safetensors"
    save_prior(train_prior(images, PLAN["prior_recipe"], seed=0), path)
    key = prior_key(images_digest(images), default_prior_recipe((1, SIDE, SIDE)), 0)
    sha256 = sha256_of(path)
    object_key = object_key_of(project_id, "prior", key, sha256)
    store().upload(path, object_key)
    row = Artifact(project_id=project_id, kind="prior", key=key, sha256=sha256, object_key=object_key)
    row.size_bytes, row.details = path.stat().st_size, {}
    with sync_session() as session:
        session.add(row)


def order(api: Api, folder: Path) -> dict[str, Any]:
    """Upload everything and return the body of a request for an audit."""
    project = api.post("/projects", {"name": "faults"})["id"]
    target = api.post(f"/projects/{project}/targets", {"name": "tiny"})["id"]
    names = [f"class {label}" for label in range(CLASSES)]
    body = {
        "version": "1",
        "architecture": ARCHITECTURE,
        "hyperparameters": HYPERPARAMETERS,
        "convention": {"height": SIDE, "width": SIDE, "channels": 1, "mean": [0.0], "std": [1.0]},
        "classes": names,
    }
    release = api.post(f"/targets/{target}/releases", body)["id"]
    save_target(folder / "model.safetensors")
    api.upload(f"/releases/{release}", folder / "model.safetensors")
    public, _ = blobs(range(100, 120), 5, seed=1)
    private, labels = blobs(range(CLASSES), 6, seed=2)
    np.savez(folder / "public.npz", images=public)
    np.savez(folder / "private.npz", images=private, labels=labels, identities=np.array(names))
    sets = {}
    for role in ("public", "private"):
        sets[role] = api.post(f"/projects/{project}/datasets", {"name": role, "role": role})["id"]
        api.upload(f"/datasets/{sets[role]}", folder / f"{role}.npz")
    keep_tiny_prior(parse_id("prj", project), public, folder)
    return {
        "project": project,
        "release_id": release,
        "public_dataset_id": sets["public"],
        "private_dataset_id": sets["private"],
        "setting": "baseline",
        "effort": "quick",
        "rights": RIGHTS,
    }


def start(api: Api, request: dict[str, Any]) -> str:
    """Start an audit."""
    body = {name: value for name, value in request.items() if name != "project"}
    return str(api.post(f"/projects/{request['project']}/audits", body)["id"])


def digests(api: Api, audit_id: str) -> list[tuple[str, int, int, str]]:
    page = api.get(f"/audits/{audit_id}/reconstructions?limit=200")
    return sorted((one["source"], one["identity"], one["restart"], one["digest"]) for one in page["items"])


def test_a_killed_api(api: Api, stack: Stack, tmp_path: Path) -> None:
    request = order(api, tmp_path)
    undisturbed = start(api, request)
    assert api.wait(undisturbed)["state"] == "succeeded"

    disturbed = start(api, request)
    internal = parse_id("aud", disturbed)
    begun = {JobState.RUNNING, JobState.SUCCEEDED}  # a fast machine may have finished it already
    until(lambda: any(job.state in begun for job in jobs_of(internal, "attack")), "the attack")
    stack.kill("api")
    assert not api.ready()
    stack.start("api")
    until(api.ready, "the API again")
    audit = api.wait(disturbed)
    assert audit["state"] == "succeeded", audit["problem"]
    assert digests(api, disturbed) == digests(api, undisturbed)
    # two restarts, and the images of two controls
    assert len(digests(api, disturbed)) == CLASSES * 2 + 2 * CLASSES
    assert audit["frozen_digest"] == api.get(f"/audits/{undisturbed}")["frozen_digest"]
