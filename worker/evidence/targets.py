"""The networks of an audit: its release, and its twin."""

from app.errors import ConflictError
from worker.evidence.files import sha256_of
from worker.evidence.inputs import AuditInputs
from worker.inversion.targets import Target, as_outputs, examine_target, load_target
from worker.job import objects
from worker.job.context import StageContext


def open_target(context: StageContext, inputs: AuditInputs, outputs: str = "logits") -> Target:
    """Load the target strictly, from the bytes that intake checked."""
    return _open_checkpoint(context, inputs, inputs.release_key, inputs.checkpoint_sha256, outputs)


def open_twin(context: StageContext, inputs: AuditInputs) -> Target:
    """Load the twin of the target. Only for audits that have one.

    Its kind of outputs is determined again, because it may have been exported in another way.
    """
    assert inputs.twin is not None, "this audit has no twin"
    twin = _open_checkpoint(context, inputs, inputs.twin.key, inputs.twin.checkpoint_sha256, "logits")
    examine_target(twin)
    return twin


def _open_checkpoint(context: StageContext, inputs: AuditInputs, key: str, sha256: str, outputs: str) -> Target:
    path = context.scratch / "model.safetensors"
    objects.download(context, key, path)
    if sha256_of(path) != sha256:
        raise ConflictError(
            "checkpoint_changed", "The stored checkpoint is not the one that was checked. Upload it again."
        )
    target = load_target(path, inputs.architecture, inputs.hyperparameters, len(inputs.classes), inputs.convention)
    target.outputs = as_outputs(outputs)
    return target.to(context.device)
