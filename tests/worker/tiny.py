"""A real but tiny audit: 8 classes of 32x32 grey images, and a target that was trained on them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from app.contract.upgrades.plan import upgraded
from app.datasets.set_digest import set_digest
from app.db.models import Audit, DatasetRole, Release
from app.db.session import sync_session
from app.jobs.dispatch import _add_audit_jobs
from app.storage import store
from app.vault.keys import make_key, pictures_of
from tests.examinations import examination
from tests.worker import rows
from tests.worker.rows import make_dataset, make_project, make_release
from worker.evidence.files import sha256_of
from worker.intake.set_contents import contents_of
from worker.inversion.data import images_digest, to_tensor
from worker.inversion.targets import InputConvention, Target, build_network

SIDE, CLASSES, PER_CLASS = 32, 8, 6
ARCHITECTURE, HYPERPARAMETERS = "exhume/small-cnn", {"width": 4, "feature_dim": 16}
PLAN: dict[str, Any] = rows.PLAN | {
    "setting": "lomma",
    "identities": [0, 1, 2, 3, 4, 5],
    "identity_sample": {"count": 6, "seed": 7, "of": CLASSES},
    "seed": 7,
    "students": 1,
    "attack_options": {"pool": 8, "views": 2, "micro_batch": 4},
    "prior_recipe": {"steps": 3, "width": 4, "batch": 16, "gp_images": 4, "latent_dim": 8},
    "student_recipe": {"networks": [["exhume/small-cnn", {"width": 4}]], "epochs": 1},
    "evaluator_options": {"epochs": 2},
}


def blobs(classes: range, per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images (N, 32, 32) of one noisy coarse pattern per class, and labels (N,)."""
    images, labels = [], []
    noise = np.random.default_rng(seed)
    for label in classes:
        pattern = np.kron(np.random.default_rng(label).integers(0, 2, (8, 8)), np.ones((4, 4))) * 200
        for _ in range(per_class):
            images.append(np.clip(pattern + noise.normal(20, 20, (SIDE, SIDE)), 0, 255))
            labels.append(label)
    return np.stack(images).astype(np.uint8), np.array(labels, np.int64)


@lru_cache
def trained(*, shift: int = 0, seed: int = 0, classes: int = CLASSES, each: int = PER_CLASS) -> dict[str, torch.Tensor]:
    """Return weights of a network trained on the private images, with labels moved by `shift`."""
    images, labels = blobs(range(classes), each, seed=2)
    network = build_network(ARCHITECTURE, HYPERPARAMETERS, classes, 1, seed=seed)
    target = Target(network, InputConvention(SIDE, SIDE, 1), classes).train()
    x, y = to_tensor(images), torch.from_numpy((labels + shift) % classes)
    optimiser = torch.optim.AdamW(target.parameters(), lr=0.01)
    torch.manual_seed(0)
    for _ in range(40):
        optimiser.zero_grad()
        F.cross_entropy(target(x).logits, y).backward()
        optimiser.step()
    return network.state_dict()


def save_target(path: Path, state: dict[str, torch.Tensor] | None = None) -> None:
    """Write weights. By default those of `trained()`."""
    save_file({key: value.contiguous() for key, value in (state or trained()).items()}, path)


def save_images(path: Path, images: np.ndarray, labels: np.ndarray, split: list[str]) -> None:
    """Write a packed data set as intake does."""
    np.savez(path, images=images, labels=labels, split=np.array(split))


def digest_of(images: np.ndarray, labels: np.ndarray, split: list[str], names: list[str]) -> str:
    """Return the digest of a data set, as intake computes it."""
    return set_digest(contents_of(images, labels, np.array(split) == "held-out"), names)


def plan_of(changes: dict[str, Any], attacks: Sequence[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return the tiny plan with these changes, or with attacks that differ from its own."""
    if attacks is None:
        return PLAN | changes
    plan = upgraded(PLAN | changes)
    [own] = plan["attacks"]
    return plan | {"attacks": [own | attack for attack in attacks]}


def tiny_audit(
    folder: Path, *, private: bool = True, attacks: Sequence[dict[str, Any]] | None = None, **plan: Any
) -> UUID:
    """Store the inputs and commit an audit with its jobs. Return its id."""
    public_images, _ = blobs(range(100, 120), 5, seed=1)
    private_images, labels = blobs(range(CLASSES), PER_CLASS, seed=2)
    split = ["held-out" if i % PER_CLASS == 0 else "train" for i in range(len(labels))]
    save_target(folder / "model.safetensors")
    nobody, all_train = np.full(len(public_images), -1), ["train"] * len(public_images)
    save_images(folder / "public.npz", public_images, nobody, all_train)
    save_images(folder / "private.npz", private_images, labels, split)
    for name in ("model.safetensors", "public.npz", "private.npz"):
        store().upload(folder / name, f"tiny/{name}")
    names = [f"class {label}" for label in range(CLASSES)]
    with sync_session() as session:
        project = make_project(session)
        release = make_release(
            session,
            project,
            architecture=ARCHITECTURE,
            hyperparameters=HYPERPARAMETERS,
            convention={"height": SIDE, "width": SIDE, "channels": 1},
            classes=names,
            object_key="tiny/model.safetensors",
            examination=examination(checkpoint_sha256=sha256_of(folder / "model.safetensors")),
        )
        public = make_dataset(
            session,
            project,
            DatasetRole.PUBLIC,
            object_key="tiny/public.npz",
            images_digest=images_digest(public_images),
            digest=digest_of(public_images, nobody, all_train, []),
            identities=[],
        )
        reference = make_dataset(
            session,
            project,
            DatasetRole.PRIVATE,
            object_key="tiny/private.npz",
            images_digest=images_digest(private_images),
            digest=digest_of(private_images, labels, split, names),
            identities=names,
        )
        return add_audit(session, release, public.id, reference.id if private else None, plan_of(plan, attacks))


def add_audit(session: Any, release: Release, public: UUID, private: UUID | None, plan: dict[str, Any]) -> UUID:
    """Add an audit of existing inputs. Return its id."""
    audit = Audit(
        project_id=release.project_id,
        release_id=release.id,
        public_dataset_id=public,
        private_dataset_id=private,
        plan=plan,
        plan_digest="sha256:0",
        declared_by="owner",
        declaration="ours",
        requested_by="test",
        estimate={},
        delete_images_at=datetime.now(UTC) + timedelta(days=30),
    )
    session.add(audit)
    session.flush()
    make_key(session, audit.project_id, pictures_of(audit.id))
    _add_audit_jobs(session, audit)
    return audit.id


def repeat_audit(audit_id: UUID, attacks: Sequence[dict[str, Any]] | None = None, **plan: Any) -> UUID:
    """Add another audit of the same inputs in the same project, which reuses its artifacts."""
    with sync_session() as session:
        old = session.get_one(Audit, audit_id)
        release = session.get_one(Release, old.release_id)
        return add_audit(session, release, old.public_dataset_id, old.private_dataset_id, plan_of(plan, attacks))
