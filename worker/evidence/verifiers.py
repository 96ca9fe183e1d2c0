"""The verifiers that the plan of an audit names, and the people of its gallery."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from app.contract.plan import Plan, PlannedVerifier
from app.db.models import Verifier as VerifierRow
from app.db.states import IntakeState
from app.errors import ConflictError
from worker.evaluation.verifiers import Embedder, bundled_verifiers
from worker.evidence.contamination import find_contamination
from worker.evidence.files import sha256_of
from worker.evidence.image_sets import open_images
from worker.evidence.inputs import AuditInputs
from worker.evidence.private_set import PrivateSet
from worker.intake import SandboxedVerifier
from worker.job import objects
from worker.job.context import StageContext


@dataclass(frozen=True)
class Others:
    """Further people of the gallery. `labels` begin after the last class of the target."""

    images: np.ndarray
    labels: np.ndarray
    dropped: int

    @property
    def people(self) -> int:
        return len(np.unique(self.labels))


def open_verifiers(context: StageContext, inputs: AuditInputs) -> list[Embedder]:
    """Return the plan's verifiers in order. If it names none, the bundled ones for this size."""
    bundled = bundled_verifiers(inputs.shape, context.device)
    if inputs.plan.verifiers is None:
        return list(bundled)
    shipped: dict[str, Embedder] = {one.digest: one for one in bundled}
    return [shipped.get(one.digest) or _uploaded(context, inputs, one) for one in inputs.plan.verifiers]


def used_by_default(plan: Plan, verifiers: Sequence[Embedder]) -> frozenset[str]:
    """Return the digests of shipped verifiers that are used because the request named none."""
    if plan.verifiers_chosen:
        return frozenset()
    if plan.verifiers is None:
        return frozenset(one.digest for one in verifiers)
    return frozenset(one.digest for one in plan.verifiers if one.source == "bundled")


def _uploaded(context: StageContext, inputs: AuditInputs, planned: PlannedVerifier) -> Embedder:
    digest = planned.digest
    statement = select(VerifierRow.object_key).where(
        VerifierRow.project_id == inputs.project_id,
        VerifierRow.sha256 == digest.removeprefix("sha256:"),
        VerifierRow.state == IntakeState.READY,
    )
    key = context.read(lambda session: session.execute(statement.limit(1)).scalar_one_or_none())
    if key is None:
        raise ConflictError("inputs_deleted", f"The verifier {planned.name} was deleted. Upload it again.")
    path = context.scratch / f"{digest.removeprefix('sha256:')[:16]}.onnx"
    objects.download(context, key, path)
    if f"sha256:{sha256_of(path)}" != digest:
        detail = f"The stored verifier {planned.name} is not the one that was checked. Upload it again."
        raise ConflictError("verifier_changed", detail)
    return SandboxedVerifier(
        path, name=planned.name, digest=digest, convention=planned.convention, between=context.checkpoint
    )


def open_others(context: StageContext, inputs: AuditInputs, private: PrivateSet) -> Others:
    """Return the gallery's people without copies of private images, which would hide success."""
    shape = private.train.images.shape[1:]
    if inputs.gallery is None:
        return Others(np.zeros((0, *shape), np.uint8), np.zeros(0, np.int64), 0)
    found = open_images(context, inputs.gallery)
    same = find_contamination(found.images, np.concatenate([private.train.images, private.held_out.images])).dropped
    keep = np.ones(len(found.images), bool)
    keep[same] = False
    return Others(found.images[keep], len(inputs.classes) + found.labels[keep].astype(np.int64), len(same))
