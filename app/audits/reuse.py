"""Stages that make something once, which later audits of a project reuse."""

from uuid import UUID

from app.contract.plan import Plan
from app.jobs.stages import Stage
from app.kit.canonical import digest

ReuseKey = tuple[object, ...]


def reuse_key(
    stage: Stage, plan: Plan, *, release: UUID, public: UUID, private: UUID | None, shipped: bool = False
) -> ReuseKey | None:
    """Return what the result of a stage, or the longest part of it, depends on.

    Two stages with the same key make it once. None for a stage that makes everything anew.

    Args:
        shipped: the power is measured on the shipped reference model, and not on one that is
            trained on the private images.
    """
    verifiers = sorted(verifier.digest for verifier in plan.verifiers or [])
    match stage:
        case Stage.REFERENCES:  # the embeddings of the public images
            return public, *verifiers
        case Stage.PREPARE:  # the mean of the target's features on them
            return release, public
        case Stage.VERIFY | Stage.LOOK:  # the evaluator
            return release, private
        case Stage.POWER:
            attacks = digest([attack.model_dump(mode="json", exclude={"shard_size"}) for attack in plan.attacks])
            return public, None if shipped else private, plan.seed, attacks, *verifiers
    return None
