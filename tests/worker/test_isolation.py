"""Stages that attack cannot reach the private images with anything that they can access."""

import gc
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from itertools import compress
from pathlib import Path
from types import (
    BuiltinFunctionType,
    FunctionType,
    GetSetDescriptorType,
    MethodDescriptorType,
    WrapperDescriptorType,
)
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import torch
from sqlalchemy import select

from app.auth.audit_log import follows
from app.auth.log_chain import GENESIS
from app.contract.plan import Plan
from app.db.models import Audit, AuditLogEntry, Dataset
from app.db.session import sync_session
from app.jobs.opening import ClosedError
from app.jobs.stages import Stage
from app.kit.ids import public_id
from app.storage import store
from app.storage.store import MissingObjectError
from tests.integration.faults.processes import children, until
from tests.sealed import fetched
from tests.worker.inside import pieces
from tests.worker.rows import drain, get_audit, get_job, jobs_of
from tests.worker.tiny import CLASSES, PER_CLASS, blobs, digest_of, repeat_audit, tiny_audit
from worker.evidence.earlier import stage_result
from worker.evidence.inputs import audit_inputs, dataset_row
from worker.evidence.private_set import open_private_set
from worker.inversion.data import images_digest, to_uint8
from worker.job.context import Outcome, StageContext
from worker.runtime.run import run_claimed
from worker.stages import load_stage

pytestmark = pytest.mark.usefixtures("settings_env")

ATTACKING = (Stage.PREPARE, Stage.PRIOR, Stage.STUDENTS, Stage.ATTACK, Stage.CONTROLS)


def digests_of(images: np.ndarray) -> set[str]:
    return {hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest() for image in images}


PRIVATE = digests_of(blobs(range(CLASSES), PER_CLASS, seed=2)[0])
SHAPE = (32, 32)


def shown(array: Any) -> bool:
    """Return whether an array or tensor holds a private image."""
    if isinstance(array, torch.Tensor):
        if array.ndim != 4 or array.shape[1:] != (1, *SHAPE):
            return False
        array = to_uint8(array)
    is_images = array.dtype == np.uint8 and array.ndim >= 2 and array.shape[-2:] == SHAPE
    return is_images and bool(digests_of(array.reshape(-1, *SHAPE)) & PRIVATE)


def in_memory() -> list[str]:
    """List the arrays and tensors with private images in this process, by type and shape.

    Those left behind by earlier tests are not counted.
    """
    return [f"{type(one).__name__} {tuple(one.shape)}" for key, one in private_arrays().items() if key not in BEFORE]


BEFORE: dict[int, Any] = {}
"""Arrays by id. They are held here so that no id is reused."""
FROZEN: list[Any] = []
"""What is left out of garbage collections (`staying`). An array could be kept in it too."""
FIXED = {
    FunctionType,
    BuiltinFunctionType,
    WrapperDescriptorType,
    MethodDescriptorType,
    GetSetDescriptorType,
    tuple,
    frozenset,
}
"""Kinds that get no new array once they are made. Closures, defaults and attributes are objects of
their own."""
KINDS = (np.ndarray, torch.Tensor)


@pytest.fixture
def left_by_other_tests() -> Iterator[None]:
    """Other tests of this process use the same images."""
    gc.unfreeze()
    FROZEN[:] = [one for one in gc.get_objects() if type(one) not in FIXED]
    gc.freeze()
    BEFORE.update(private_arrays())
    yield
    BEFORE.clear()
    FROZEN.clear()


def private_arrays() -> dict[int, Any]:
    """Return arrays and tensors with private images by id."""
    gc.collect()
    holders = [*FROZEN, *gc.get_objects()]
    seen: dict[int, Any] = {}
    for at in range(0, len(holders), 10_000):
        held = [*holders[at : at + 10_000], *gc.get_referents(*holders[at : at + 10_000])]
        # there are millions, so no line of Python runs for each of them
        seen |= {id(one): one for one in compress(held, map(KINDS.__contains__, map(type, held)))}
    for frame in sys._current_frames().values():
        outer: Any = frame
        while outer is not None:
            seen |= {id(one): one for one in outer.f_locals.values() if isinstance(one, KINDS)}
            outer = outer.f_back
    return {key: one for key, one in seen.items() if shown(one)}


def texts_of(data: Any) -> Iterator[str]:
    """Yield every text and id in plain data."""
    if isinstance(data, str | UUID | Path):
        yield str(data)
    elif is_dataclass(data) and not isinstance(data, type):
        yield from texts_of([getattr(data, one.name) for one in fields(data)])
    elif isinstance(data, dict):
        yield from texts_of([*data, *data.values()])
    elif isinstance(data, Iterable) and not isinstance(data, bytes | np.ndarray):
        for one in data:
            yield from texts_of(one)


def in_store(data: Any, folder: Path) -> list[str]:
    """Return object keys of private images in these data, or derived from ids in them."""
    texts = set(texts_of(data))
    keys = texts | {f"datasets/{text}/packed.npz" for text in texts}
    return [key for key in sorted(keys) if leads_to_private_images(key, folder / "probe")]


def leads_to_private_images(key: str, path: Path) -> bool:
    try:
        fetched(key, path)
    except (MissingObjectError, ValueError, OSError):
        return False
    try:
        with np.load(path, allow_pickle=False) as packed:
            return any(shown(packed[name]) for name in packed.files)
    except (ValueError, OSError):
        return False


def in_files(folder: Path) -> list[Path]:
    """Return the files of the stage that hold pixels of a private image."""
    pixels = [image.tobytes() for image in blobs(range(CLASSES), PER_CLASS, seed=2)[0]]
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file for file in files if any(one in file.read_bytes() for one in pixels)]


def results(context: StageContext) -> dict[str, Any]:
    """Return the results of earlier stages of the audit."""
    ended = [stage for stage in Stage if any(job.result for job in jobs_of(context.claim.audit_id, stage))]  # type: ignore[arg-type]
    return {stage.value: stage_result(context, stage) for stage in ended if stage is not Stage.ATTACK}


@dataclass(frozen=True)
class Probing(StageContext):
    """A context that searches for private images when the stage first reports its progress."""

    looked: list[tuple[str, list[Any]]] = field(default_factory=list)

    def progress(self, done: int, total: int, figures: dict[str, float] | None = None) -> None:
        if not self.looked:
            self.looked.append((self.claim.stage, in_memory()))
        super().progress(done, total, figures)


def probed(looked: list[tuple[str, list[Any]]], folder: Path) -> Callable[[str], Callable[[StageContext], Outcome]]:
    """Runs stages, and checks everything they get and leave for private images."""

    def find(name: str) -> Callable[[StageContext], Outcome]:
        def run(context: StageContext) -> Outcome:
            probing = Probing(context.claim, context.scratch, context.heartbeat, context.hardware)
            given = [context.claim, context.hardware, context.scratch, audit_inputs(context), results(context)]
            looked.append((name, [*in_memory(), *in_store(given, folder)]))
            outcome = load_stage(name)(probing)
            looked.append((name, [*in_memory(), *in_store(outcome.result, folder), *in_files(context.scratch)]))
            looked.extend(probing.looked)
            return outcome

        return run if name in {*ATTACKING, Stage.VERIFY} else load_stage(name)

    return find


def at_home(audit_id: UUID) -> None:
    """Store the private set like the service, under a key derived from its id."""
    with sync_session() as session:
        private = session.get_one(Dataset, session.get_one(Audit, audit_id).private_dataset_id)
        path = Path(os.environ["EXHUME_DATA_DIR"]) / "moved.npz"
        assert private.object_key is not None
        fetched(private.object_key, path)
        store().upload(path, f"datasets/{private.id}/packed.npz")
        store().delete(private.object_key)
        path.unlink()
        private.object_key = f"datasets/{private.id}/packed.npz"


@pytest.mark.usefixtures("left_by_other_tests")
def test_no_handle_of_a_stage_that_attacks_leads_to_a_private_image(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, setting="lomma", identities=[1])
    at_home(audit_id)
    looked: list[tuple[str, list[Any]]] = []
    drain(audit_id, lambda job_id: run_claimed(job_id, probed(looked, tmp_path)))
    audit = get_audit(audit_id)
    assert (audit.state, audit.problem) == ("succeeded", None)
    assert {name for name, _ in looked} >= set(ATTACKING)
    assert [(name, what) for name, what in looked if name in ATTACKING and what] == []
    assert any(what for name, what in looked if name == Stage.VERIFY), "the same checks find them where they are open"
    with sync_session() as session:
        private = session.get_one(Dataset, audit.private_dataset_id)
        assert in_store(dataset_row(private, Plan.load(audit.plan)), tmp_path), "a key or an id leads to them"


def test_the_process_of_a_worker_never_holds_a_private_image(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("needs /proc/self/mem")
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1])
    images, _ = blobs(range(CLASSES), PER_CLASS, seed=2)
    np.save(tmp_path / "patterns.npy", pieces(images[::PER_CLASS]))
    command = [sys.executable, "-m", "tests.worker.inside", str(audit_id), str(tmp_path / "patterns.npy")]
    ended = subprocess.run([*command, str(tmp_path / "private.npz")], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert get_audit(audit_id).state == "succeeded", get_audit(audit_id).problem
    said = json.loads(ended.stdout.splitlines()[-1])
    assert (said["after the audit"], said["in the parent"]) == (0, 0)
    assert said["with the set open"] >= CLASSES
    workers = {stage: {job.worker for job in jobs_of(audit_id, stage)} for stage in Stage}
    alone = [workers[stage] for stage in (Stage.REFERENCES, Stage.VERIFY, Stage.POWER)]
    assert len(set.union(*alone)) == 3, "each in its own process"
    assert said["parent"] is not None, "all that these processes import can be loaded before a fork"
    assert len(set.union(*(workers[stage] for stage in (*ATTACKING, Stage.SCORE)))) == 1


def opening(stage: Stage, *, frozen: bool) -> Callable[[str], Callable[[StageContext], Outcome]]:
    """A stage that opens the private set."""

    def run(context: StageContext) -> Outcome:
        if frozen:
            with sync_session() as session:
                audit = session.get_one(Audit, context.claim.audit_id)
                audit.frozen_digest, audit.frozen_at = "sha256:0", audit.created_at
        open_private_set(context, audit_inputs(context), "to see whether it opens")
        return Outcome()

    return lambda name: run if name == stage else load_stage(name)


@pytest.mark.parametrize(
    ("stage", "frozen", "opens"),
    [
        (Stage.REFERENCES, False, True),
        *((stage, frozen, False) for stage in ATTACKING for frozen in (False, True)),
        (Stage.SCORE, True, False),
        *((stage, frozen, frozen) for stage in (Stage.VERIFY, Stage.POWER) for frozen in (False, True)),
    ],
)
def test_the_private_set_opens_for_three_stages_and_for_two_of_them_after_the_freeze(
    tmp_path: Path, stage: Stage, *, frozen: bool, opens: bool
) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1])
    job = jobs_of(audit_id, stage)[0]
    with sync_session() as session:
        session.get_one(type(job), job.id).state = "queued"
        session.get_one(type(job), job.id).max_attempts = 1
    run_claimed(job.id, opening(stage, frozen=frozen))
    ended = get_job(job.id)
    if opens:
        assert (ended.state, ended.problem) == ("succeeded", None)
    else:
        assert ended.state == "failed"
        assert ended.problem is not None
        assert ClosedError.__name__ in ended.problem["detail"]
    assert [entry.details["stage"] for entry in entries(audit_id)] == ([stage] if opens else [])


def entries(audit_id: UUID) -> list[AuditLogEntry]:
    """Return the entries of the audit log about one audit, in order."""
    with sync_session() as session:
        statement = select(AuditLogEntry).where(AuditLogEntry.subject == public_id("aud", audit_id))
        return list(session.execute(statement.order_by(AuditLogEntry.seq)).scalars())


def test_the_audit_log_tells_of_openings_freeze_and_verdict_and_names_who_declared_the_right(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1, 2])
    drain(audit_id, run_claimed)
    audit, log = get_audit(audit_id), entries(audit_id)
    assert audit.problem is None, audit.problem
    opened, frozen, verify, power, verdict = log
    assert [entry.action for entry in log] == [
        "private_set.opened",
        "audit.frozen",
        "private_set.opened",
        "private_set.opened",
        "audit.verdict",
    ]
    assert [entry.details["stage"] for entry in (opened, verify, power)] == ["references", "verify", "power"]
    with sync_session() as session:
        digest = session.get_one(Dataset, audit.private_dataset_id).digest
        whole = list(session.execute(select(AuditLogEntry).order_by(AuditLogEntry.seq)).scalars())
    assert {entry.details["set"] for entry in (opened, verify, power)} == {digest}
    assert all(entry.details["why"] for entry in (opened, verify, power))
    assert frozen.details["digest"] == verdict.details["frozen"] == audit.frozen_digest
    assert (verdict.details["verdict"], verdict.details["risk"]) == (audit.verdict, audit.risk)
    assert {entry.details["declared_by"] for entry in log} == {"owner"}
    assert all(entry.actor.startswith("worker: ") and entry.project_id == audit.project_id for entry in log)
    before = [GENESIS, *(one.hash for one in whole)]
    assert all(map(follows, whole, before)), "the chain is unbroken"
    again = repeat_audit(audit_id, setting="baseline", identities=[1, 2])
    drain(again, run_claimed)
    assert [entry.details["stage"] for entry in entries(again) if entry.action == "private_set.opened"] == [
        "references",
        "verify",
        "power",
    ]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGKILL])
def test_a_job_in_a_separate_process_ends_with_its_worker(tmp_path: Path, stop: signal.Signals) -> None:
    audit_id = tiny_audit(tmp_path)
    many = np.random.default_rng(0).integers(0, 256, (15_000, 32, 32), dtype=np.uint8)
    nobody, train = np.full(len(many), -1), ["train"] * len(many)
    np.savez(tmp_path / "many.npz", images=many, labels=nobody, split=np.array(train))
    with sync_session() as session:
        public = session.get_one(Dataset, session.get_one(Audit, audit_id).public_dataset_id)
        assert public.object_key is not None
        store().upload(tmp_path / "many.npz", public.object_key)
        public.images_digest, public.digest = images_digest(many), digest_of(many, nobody, train, [])
    job = jobs_of(audit_id, Stage.REFERENCES)[0]
    code = (
        "import signal, sys, uuid; from worker.runtime.alone import run_next\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"  # as billiard does in the child of a worker
        f"run_next(uuid.UUID({str(job.id)!r}))"
    )
    worker = subprocess.Popen([sys.executable, "-c", code])
    until(lambda: get_job(job.id).done >= 1, "the first progress", seconds=120)
    ((own,),) = map(children, children(worker.pid))
    worker.send_signal(stop)
    worker.wait(20)
    until(lambda: not Path(f"/proc/{own}").exists(), "the end of the job's process", seconds=20)
    ended = get_job(job.id)
    if stop == signal.SIGTERM:
        assert (ended.state, ended.worker, ended.max_attempts - job.max_attempts) == ("queued", None, 1), "returned"
    else:
        assert ended.state == "running", "its lease ends, and the reaper returns it to the queue"
