"""Rows that a worker would write, inserted directly."""

import io
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from PIL import Image

from app.db.models import Audit, Dataset, IdentityOutcome, Reconstruction, Release, Score
from app.db.session import sync_session
from app.db.states import AuditState, IntakeState
from app.jobs.events import record
from app.jobs.sealing import film_context, image_context
from app.kit.crypto import seal
from app.kit.ids import parse_id
from app.storage.store import store
from app.vault.keys import find_key, pictures_of

CLASSES = ["ada", "bob", "cyd", "dan"]
RIGHTS = {"declared_by": "Ada Example", "statement": "We trained this model ourselves."}
RELEASE: dict[str, Any] = {
    "version": "1",
    "architecture": "exhume/small-cnn",
    "hyperparameters": {},
    "convention": {"height": 32, "width": 32, "channels": 1},
    "classes": CLASSES,
}

LIKENESS = {
    "neighbours": [{"identity": 3, "similarity": 0.9}, {"identity": None, "similarity": 0.7}],
    "references": [{"index": 1, "similarity": 0.8}, {"index": 0, "similarity": 0.4}],
    "public": {"index": 6, "similarity": 0.55},
}


def uuid_of(identifier: str) -> UUID:
    """Return the UUID of a public id."""
    return parse_id(identifier[:3], identifier)


def make_ready(release: str | None = None, *datasets: str, identities: list[str] | None = None, size: int = 32) -> None:
    """Change a row as the intake does when it accepts a file."""
    with sync_session() as session:
        if release:
            session.get_one(Release, uuid_of(release)).state = IntakeState.READY
        for dataset in datasets:
            row = session.get_one(Dataset, uuid_of(dataset))
            row.state, row.images, row.images_digest = IntakeState.READY, 8, "sha256:" + "0" * 64
            row.height, row.width, row.channels = size, size, 1
            row.identities = CLASSES if identities is None else identities


def png(seed: int, side: int = 32) -> bytes:
    """Return noise with a bright bar whose place depends on the seed."""
    pixels = np.random.default_rng(seed).integers(0, 60, (side, side), dtype=np.uint8)
    pixels[:, seed % side] = 255
    buffer = io.BytesIO()
    Image.fromarray(pixels, "L").save(buffer, "PNG")
    return buffer.getvalue()


def add_reconstructions(audit: str, identities: list[int], restarts: int = 2, source: str = "attack") -> list[UUID]:
    """Write the rows of an attack or control. Restart 0 is submitted. Returns those ids."""
    submitted = []
    with sync_session() as session:
        row = session.get_one(Audit, uuid_of(audit))
        key = find_key(session, pictures_of(row.id))
        assert key is not None
        for identity in identities:
            for restart in range(restarts):
                context = image_context(row.id, source, identity, 0, restart)
                made = Reconstruction(
                    project_id=row.project_id,
                    audit_id=row.id,
                    source=source,
                    identity=identity,
                    seed=0,
                    restart=restart,
                    submitted=restart == 0,
                    sealed_image=seal(key, png(10 * identity + restart), context),
                    sealed_film=seal(key, png(1000 + identity), film_context(context)) if restart == 0 else None,
                    film_steps=[0, 50] if restart == 0 else None,
                    digest="0" * 64,
                    target_score=1.5,
                    target_confidence=0.9,
                    details={},
                )
                session.add(made)
                session.flush()
                if restart == 0:
                    submitted.append(made.id)
    return submitted


def finish(audit: str, submitted: list[UUID], result: dict[str, Any]) -> None:
    """Write the rows of the verify and score stages."""
    with sync_session() as session:
        row = session.get_one(Audit, uuid_of(audit))
        for identity, reconstruction in enumerate(submitted):
            shared = {"audit_id": row.id, "project_id": row.project_id}
            details = {
                "similarity": {"a": 0.8, "b": 0.6},
                "threshold": {"a": 0.5, "b": 0.5},
                "rank": {"a": 1, "b": 2},
                "strength": 3.0 + identity,
            }
            outcome = {"identity": identity, "name": CLASSES[identity], "verified": False, "similarity": 0.6}
            session.add(IdentityOutcome(**outcome, details=details, **shared))
            for judge, kind, similarity, rank in (("a", "verifier", 0.8, 1), ("b", "verifier", 0.6, 2)):
                session.add(
                    Score(
                        reconstruction_id=reconstruction,
                        judge=judge,
                        kind=kind,
                        rank=rank,
                        similarity=similarity,
                        threshold=0.5,
                        passed=True,
                        nearest_reference=identity + (judge == "b"),
                        details=LIKENESS if judge == "a" else {},
                        **shared,
                    )
                )
        row.result, row.verdict, row.risk, row.risk_low, row.risk_high = result, "FAIL", 0.7, 0.6, 0.8
        row.state = AuditState.SUCCEEDED
        session.flush()
        record(session, row.id, "audit", {"state": "succeeded"})


def freeze(audit: str) -> None:
    """Write the rows of the last attack shard."""
    with sync_session() as session:
        row = session.get_one(Audit, uuid_of(audit))
        row.frozen_digest, row.frozen_at = "sha256:" + "1" * 64, row.created_at


def store_packed(
    dataset: str, tmp_path: Path, *, compressed: bool = False, labels: Any = range(8)
) -> np.ndarray[Any, Any]:
    """Store a packed data set as the intake does, and return its images."""
    images = np.random.default_rng(7).integers(0, 256, (8, 32, 32), dtype=np.uint8)
    file = tmp_path / "packed.npz"
    (np.savez_compressed if compressed else np.savez)(
        file, labels=np.array(labels), images=images, split=np.array(["train"] * len(images))
    )
    key = f"datasets/{uuid_of(dataset)}/packed.npz"
    store().upload(file, key)
    with sync_session() as session:
        session.get_one(Dataset, uuid_of(dataset)).object_key = key
    assert zipfile.is_zipfile(file)
    return images


def inputs_of(audit: Audit) -> list[tuple[Any, UUID]]:
    """Return the release and datasets of an audit."""
    sets = (audit.public_dataset_id, audit.private_dataset_id, audit.gallery_dataset_id)
    return [(Release, audit.release_id), *((Dataset, one) for one in sets if one is not None)]
