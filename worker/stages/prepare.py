"""Prepare: examine the target again, drop copies of private images, compute p_reg."""

from typing import Any

from app.jobs.opening import has_references_job
from app.jobs.stages import Stage
from app.kit.canonical import digest
from worker.evidence.before_the_attack import examine_references
from worker.evidence.earlier import stage_result
from worker.evidence.image_sets import public_images
from worker.evidence.inputs import AuditInputs, audit_inputs
from worker.evidence.p_reg import make_p_reg
from worker.evidence.targets import open_target
from worker.inversion.data import images_digest
from worker.inversion.students import P_REG
from worker.inversion.targets import Outputs, examine_target
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Compute what the attack needs of the target and the public images.

    Of the private images, it uses only the list of copies to drop.
    """
    inputs = audit_inputs(context)
    found, late = before_the_attack(context, inputs)
    target = open_target(context, inputs)
    examination = examine_target(target)
    context.progress(1, 3)

    public = public_images(context, inputs, found)
    context.progress(2, 3)

    public_digest = images_digest(public)
    network = [inputs.architecture, inputs.hyperparameters, inputs.convention.to_dict(), len(inputs.classes)]
    audited: dict[str, Any] = {"target": inputs.checkpoint_sha256, "network": network}
    key = P_REG.key(**audited, images=public_digest)

    stopped = found["stopped"] is not None
    p_reg = None if stopped else {"key": key, "reused": make_p_reg(context, key, target, public).reused}
    context.progress(3, 3)
    return Outcome(
        {
            "outputs": examination.outputs,
            "feature_dim": examination.feature_dim,
            "parameters": examination.parameters,
            "notes": list(examination.notes),
            "contamination": found["contamination"],
            "public_images": len(public),
            "public_digest": public_digest,
            "target_digest": target_digest(audited, examination.outputs),
            "p_reg": p_reg,
        }
        | ({"references": found} if late else {})
    )


def target_digest(audited: dict[str, Any], outputs: Outputs) -> str:
    """Return the digest of a target.

    The keys of its students, and of a prior trained with its answers, contain it.

    Args:
        audited: its weights and its network. The two empty fields keep older keys valid.
    """
    return digest(audited | {"images": None, "code": None} | made_into_logits(outputs))


def made_into_logits(outputs: Outputs) -> dict[str, str]:
    """Return the output kind for the digest, if an older version took such outputs for logits."""
    return {} if outputs in ("logits", "probabilities") else {"outputs": outputs}


def before_the_attack(context: StageContext, inputs: AuditInputs) -> tuple[dict[str, Any], bool]:
    """Return the findings of the references stage, and whether they were computed only now.

    An older version may have queued the audit without that stage.
    """
    if context.read(lambda session: has_references_job(session, inputs.audit_id)):
        return stage_result(context, Stage.REFERENCES), False
    return examine_references(context, inputs), True
