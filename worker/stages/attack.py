"""Attack: reconstruct the identities of one shard.

It sees the target and the prior of the public images, and no private image.
"""

from functools import partial
from typing import Any

from app.contract.engine import images_at_once
from app.contract.plan import PlannedAttack
from app.jobs.needs import note_needs
from app.jobs.stages import Stage
from worker.evidence.earlier import stage_result
from worker.evidence.inputs import audit_inputs
from worker.evidence.p_reg import open_p_reg
from worker.evidence.plan import attack_on
from worker.evidence.prior import base_prior, open_refit
from worker.evidence.reconstructions import ATTACK, Picture, insert_pictures
from worker.evidence.recording import recording
from worker.evidence.students import open_students
from worker.evidence.targets import open_target
from worker.inversion.attacks import run_attack
from worker.inversion.tangent import tangent_alignment
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Attack the identities of the shard. A lost shard is computed again.

    A shard belongs to one attack of the plan. A (seed, identity) gives the same image in any shard
    and after any restart, whatever other attacks there are.
    """
    inputs = audit_inputs(context)
    prepared = stage_result(context, Stage.PREPARE)
    attack: int = context.claim.payload.get("attack", 0)
    planned = inputs.plan.attacks[attack]
    config = attack_on(context.hardware, planned)
    target = open_target(context, inputs, prepared["outputs"])
    p_reg = open_p_reg(context, prepared["p_reg"]["key"])
    refitted = open_refit(context, attack)
    prior = refitted.prior if refitted else base_prior(context, attack)
    regular = p_reg if config.uses_p_reg else None
    with recording(context.device) as recorder:
        found = run_attack(
            target,
            open_students(context, attack),
            prior,
            regular,
            context.claim.payload["identities"],
            config,
            seed=inputs.plan.seed,
            progress=context.progress,
            decoded=refitted.latents if refitted else None,
            at_once=images_of(context.claim.payload, planned),
            recorder=recorder,
            filmed=True,
            measured=partial(note, context) if context.claim.needs_bytes is None else None,
        )
    pictures = [Picture.of(ATTACK, one, attack) for one in found]
    used: dict[str, Any] = {"precision": config.precision}
    if found[0].micro_batch != config.micro_batch:
        used["images_at_once"] = found[0].micro_batch
    if recorder is not None and recorder.recorded:
        used["cuda_graphs"] = True
    result = {
        "identities": len(context.claim.payload["identities"]),
        "reconstructions": len(pictures),
        "alignment": tangent_alignment(target, prior, regular, config, found),
        "hardware": used,
    }
    return Outcome(result, lambda session: insert_pictures(session, inputs, pictures))


def note(context: StageContext, needed: int) -> None:
    """Record the memory that the shards of this attack need."""
    context.write(lambda session: note_needs(session, context.claim, needed))


def images_of(payload: dict[str, Any], planned: PlannedAttack) -> int:
    """Return the images of a pass in a full shard, so that a smaller last one has as many rows."""
    identities: int = payload.get("of", planned.shard_size)
    return max(identities, len(payload["identities"])) * images_at_once(planned.name, planned.restarts)
