"""Combinations of verifiers, gallery, twin and 2 to 90 classes all have a sound result.

The real stages run. The stages that attack see neither verifiers nor private images nor a gallery.
They run once for each number of classes, with a twin, and each combination continues from a copy
of their output.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import func, select

import worker.evidence.before_the_attack as before_the_attack
import worker.stages.verify as verify
from app.db.models import Audit, DatasetRole, Job, Release
from app.db.session import configured_url, sync_engine, sync_session
from app.db.states import JobState
from app.jobs.stages import Stage
from app.jobs.transitions import lock_audit, settle
from app.settings import settings
from app.storage import store
from tests.conftest import SECRET_KEY
from tests.embedded_servers import TestServers
from tests.examinations import examination
from tests.worker.documents import check_document
from tests.worker.rows import drain, get_audit, jobs_of, make_dataset, make_project, make_release
from tests.worker.test_verified import PixelVerifier, seat_these
from tests.worker.tiny import (
    ARCHITECTURE,
    HYPERPARAMETERS,
    PLAN,
    SIDE,
    add_audit,
    blobs,
    digest_of,
    save_images,
    save_target,
    trained,
)
from worker.evaluation import reference
from worker.evidence.files import sha256_of
from worker.evidence.reconstructions import TWIN, Picture, insert_pictures, read_pictures
from worker.inversion.data import images_digest
from worker.runtime.run import run_claimed

PEOPLE = 5  # in the gallery
COPIED = (Stage.PREPARE, Stage.PRIOR, Stage.STUDENTS, Stage.ATTACK, Stage.CONTROLS)


@pytest.fixture(scope="module")
def service(servers: TestServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One database and one store for all combinations, so that they share artifacts."""
    folder = tmp_path_factory.mktemp("combinations")
    with servers.databases.migrated() as url, pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "EPOCHS", reference.EPOCHS[:1])  # how well it is trained does not matter here
        values = {"DATABASE_URL": url, "REDIS_URL": servers.flush_broker(), "EXHUME_DATA_DIR": str(folder / "data")}
        for name, value in (values | {"EXHUME_SECRET_KEY": SECRET_KEY}).items():
            patch.setenv(name, value)
        settings.cache_clear()
        yield folder
        sync_engine(configured_url()).dispose()
        sync_engine.cache_clear()
    settings.cache_clear()


@dataclass(frozen=True)
class Attacked:
    """Inputs of a number of classes, and the output of the stages that attack."""

    release: UUID
    twin: UUID
    public: UUID
    private: UUID
    gallery: UUID
    plan: dict[str, Any]
    results: dict[tuple[str, int], dict[str, Any]]
    pictures: list[Picture]

    def audit(self, *, private: bool = True, gallery: bool = True, twin: bool = True) -> UUID:
        """Add an audit of these inputs."""
        with sync_session() as session:
            release = session.get_one(Release, self.release)
            plan = self.plan if twin else self.plan | {"twin": None}
            audit_id = add_audit(session, release, self.public, self.private if private else None, plan)
            audit = session.get_one(Audit, audit_id)
            audit.gallery_dataset_id = self.gallery if gallery else None
            audit.twin_release_id = self.twin if twin else None
        return audit_id

    def attack(self, audit_id: UUID, *, twin: bool) -> None:
        """Give an audit the rows and results of the stages that attack."""
        with sync_session() as session:
            audit = lock_audit(session, audit_id)
            chosen = [one for one in self.pictures if twin or one.source != TWIN]
            insert_pictures(session, key_of(audit), chosen)
            for job in session.execute(select(Job).where(Job.audit_id == audit_id, Job.stage.in_(COPIED))).scalars():
                without = {"twin": None} if job.stage == Stage.CONTROLS and not twin else {}
                job.state, job.result = JobState.SUCCEEDED, self.results[job.stage, job.shard] | without
                job.started_at = job.finished_at = func.clock_timestamp()
            session.flush()
            settle(session, audit)


def key_of(audit: Audit) -> Any:
    """The fields of `AuditInputs` that sealing a picture needs."""
    return SimpleNamespace(audit_id=audit.id, project_id=audit.project_id, part=None)


@pytest.fixture(scope="module")
def attacked(service: Path) -> Callable[[int], Attacked]:
    """Inputs of a number of classes, attacked once."""

    @lru_cache
    def made(classes: int) -> Attacked:
        inputs = stored(service, classes)
        audit_id = inputs.audit(gallery=False)
        for stage in (Stage.REFERENCES, *COPIED):
            for job in jobs_of(audit_id, stage):
                run_claimed(job.id)
        with sync_session() as session:
            jobs = session.execute(select(Job).where(Job.audit_id == audit_id, Job.result.is_not(None))).scalars()
            results = {(job.stage, job.shard): job.result for job in jobs if job.result is not None}
            pictures = read_pictures(session, key_of(session.get_one(Audit, audit_id)))
        assert {stage for stage, _ in results} == {Stage.REFERENCES, *COPIED}, get_audit(audit_id).problem
        values = {name: getattr(inputs, name) for name in ("release", "twin", "public", "private", "gallery", "plan")}
        return Attacked(**values, results=results, pictures=pictures)

    return made


def stored(folder: Path, classes: int) -> Attacked:
    """Add a release trained on its classes, a twin of it, and the data sets."""
    each = 6 if classes < 20 else 3
    names = [f"class {label}" for label in range(classes)]
    images, labels = blobs(range(classes), each, seed=2)
    split = ["held-out" if i % each == 0 else "train" for i in range(len(labels))]
    public, _ = blobs(range(100, 120), 5, seed=1)
    strangers, of = blobs(range(200, 200 + PEOPLE), 2, seed=3)
    with sync_session() as session:
        project = make_project(session)

        def dataset(
            role: DatasetRole, images: np.ndarray, labels: np.ndarray, split: list[str], names: list[str]
        ) -> UUID:
            key = f"{project.id}/{role}"
            save_images(folder / "set.npz", images, labels, split)
            store().upload(folder / "set.npz", key)
            digests = {"images_digest": images_digest(images), "digest": digest_of(images, labels, split, names)}
            return make_dataset(session, project, role, object_key=key, identities=names, **digests).id

        def release(seed: int, **values: Any) -> Release:
            key, path = f"{project.id}/{seed}", folder / "model.safetensors"
            save_target(path, trained(classes=classes, seed=seed, each=each))
            store().upload(path, key)
            network = {"architecture": ARCHITECTURE, "hyperparameters": HYPERPARAMETERS, "classes": names}
            convention = {"height": SIDE, "width": SIDE, "channels": 1}
            examined = examination(checkpoint_sha256=sha256_of(path))
            return make_release(
                session, project, **network, convention=convention, object_key=key, examination=examined, **values
            )

        audited = release(0)
        twin = release(5, twin_of=audited.id, replaced=[])
        identities = list(range(min(classes, 4)))
        plan = PLAN | {
            "setting": "baseline",
            "identities": identities,
            "shard_size": 4,
            "verifiers_chosen": True,
            "twin": {
                "release": "rel_0",
                "checkpoint": f"sha256:{sha256_of(folder / 'model.safetensors')}",
                "identities": identities[:2],
                "replaced": [],
            },
        }
        return Attacked(
            release=audited.id,
            twin=twin.id,
            public=dataset(DatasetRole.PUBLIC, public, np.full(len(public), -1), ["train"] * len(public), []),
            private=dataset(DatasetRole.PRIVATE, images, labels, split, names),
            gallery=dataset(
                DatasetRole.GALLERY, strangers, of - 200, ["train"] * len(of), [f"stranger {k}" for k in range(PEOPLE)]
            ),
            plan=plan,
            results={},
            pictures=[],
        )


def not_asked_for(*arguments: Any) -> Any:
    raise AssertionError("without private images there is nothing to judge")


CLASSES = (2, 3, 22, 90)
WITH_REFERENCES = [
    (CLASSES[(verifiers + 2 * gallery + twin) % len(CLASSES)], verifiers, True, gallery, twin)
    for verifiers, gallery, twin in product([0, 1, 2, 3], [True, False], [True, False])
]
"""A Latin square: each number of classes meets each value of the other three."""
WITHOUT = [(classes, 2, False, True, twin) for classes, twin in product(CLASSES, [True, False])]
"""Without private images, verifiers and gallery are not used, so they do not vary here.

A test shows this.
"""


def test_each_pair_of_choices_is_among_the_combinations() -> None:
    for choice, values in ((1, range(4)), (3, (True, False)), (4, (True, False))):
        assert {(one[0], one[choice]) for one in WITH_REFERENCES} == set(product(CLASSES, values))
    assert len({one[1:] for one in WITH_REFERENCES}) == len(WITH_REFERENCES) == 16


@pytest.mark.parametrize(
    ("classes", "verifiers", "private", "gallery", "twin"),
    [
        # one test process for each number of classes, or each process would attack all of them
        pytest.param(*one, marks=pytest.mark.xdist_group(f"combinations of {one[0]} classes"))
        for one in WITH_REFERENCES + WITHOUT
    ],
)
def test_every_combination_ends_with_a_sound_result(
    attacked: Callable[[int], Attacked],
    monkeypatch: pytest.MonkeyPatch,
    classes: int,
    verifiers: int,
    *,
    private: bool,
    gallery: bool,
    twin: bool,
) -> None:
    seat_these(monkeypatch, [PixelVerifier(seed) for seed in range(verifiers)])
    inputs = attacked(classes)  # before the next lines: it asks for verifiers, whichever combination comes first
    if not private:
        for stage, name in ((before_the_attack, "open_verifiers"), (verify, "open_verifiers"), (verify, "open_others")):
            monkeypatch.setattr(stage, name, not_asked_for)
    audit_id = inputs.audit(private=private, gallery=gallery, twin=twin)
    run_claimed(jobs_of(audit_id, Stage.REFERENCES)[0].id)
    inputs.attack(audit_id, twin=twin)
    drain(audit_id, run_claimed)
    audit = get_audit(audit_id)
    assert (audit.state, audit.problem) == ("succeeded", None)
    result = audit.result
    assert result is not None
    check_document(result)
    assert result["verdict"] == audit.verdict
    level = "unreferenced" if not private else "verified" if verifiers >= 2 else "evaluator"
    assert audit.evidence_level == level
    assert (audit.risk is not None) == private
    if level != "verified":
        assert audit.verdict != "PASS"
    assert len(result["verifiers"]) == (verifiers if private else 0)
    assert not any(card["refused"] for card in result["verifiers"])
    assert (result["twin"] is not None) == (private and twin and verifiers > 0)
    assert (result["power"] is not None) == (level == "verified")
    if private:
        assert result["gallery"]["others"] == (PEOPLE if gallery else 0)
        assert result["coverage"]["scored"] == len(inputs.plan["identities"])
        assert (result["fit"]["state"], result["fit"]["classes"]) == ("trained", classes)
