"""The plan of an audit: fixed and hashed before anything runs.

Same plan, same inputs, same result.
"""

import hashlib
import math
from collections.abc import Collection, Sequence
from typing import Any

from app.audits.defaults import Decided, decided
from app.audits.inputs import Inputs
from app.audits.judging import twin_of_plan
from app.audits.priors import built_in_card, built_in_kind
from app.audits.schemas import EstimateRequest
from app.contract.choices import Effort
from app.contract.engine import (
    FEWEST_TO_LOOK,
    LOOK_ALPHA,
    LOOK_SHARE,
    MICRO_BATCH,
    PCA_OPTIONS,
    PRIOR_KINDS,
    WITH_STUDENTS,
    Preset,
    images_at_once,
    planned_effort,
)
from app.contract.plan import IdentitySample, Look, Plan, PlannedAttack, PlannedGallery, PlannedSets
from app.errors import UnprocessableError
from app.sufficiency.evidence_needed import CONFIDENCE

SHARD_SIZE, UNSEARCHED_SHARD = 10, 100
"""Identities of an attack job: with a search, and without one."""


def make_plan(request: EstimateRequest, inputs: Inputs, precision: str = "auto") -> Plan:
    """Return the plan: what is attacked, how hard, in which precision, and who judges it.

    Raises: UnprocessableError when two attacks are the same.
    """
    candidates = inputs.candidates
    count = request.identities if request.identities is not None else len(candidates)
    identities = sample(candidates, count, request.seed)
    return Plan(
        version=4,
        attacks=planned_attacks(decided(request, inputs.public), request.effort, inputs, precision),
        combination=request.combination,
        effort=request.effort,
        identities=identities,
        identity_sample=IdentitySample(count=count, seed=request.seed, of=len(candidates)),
        seed=request.seed,
        budget=request.budget,
        release_plan=request.release_plan,
        confidence=CONFIDENCE,
        verifiers=inputs.verifiers,
        datasets=PlannedSets(
            public=inputs.public.digest,
            private=inputs.private.digest if inputs.private else None,
            gallery=inputs.gallery.digest if inputs.gallery else None,
        ),
        verifiers_chosen=request.verifiers is not None,
        gallery=PlannedGallery(images=inputs.gallery.images_digest) if inputs.gallery else None,
        twin=twin_of_plan(inputs.twin, inputs.release, identities),
        look=planned_look(identities, inputs, request.seed) if request.stop_early else None,
    )


def planned_look(identities: list[int], inputs: Inputs, seed: int) -> Look:
    """Return an early look at a random half of the identities.

    Raises: UnprocessableError when there are too few of them, or no private images.
    """
    if inputs.private is None:
        raise UnprocessableError(
            "nothing_to_look_at", "An audit that may stop early needs private images to judge by. Name a private set."
        )
    if len(identities) < FEWEST_TO_LOOK:
        raise UnprocessableError(
            "too_few_to_stop_early",
            f"An audit that may stop early needs at least {FEWEST_TO_LOOK} identities, and this one has "
            f"{len(identities)}. Audit more, or leave `stop_early` out.",
        )
    return Look(identities=sample(identities, math.ceil(LOOK_SHARE * len(identities)), seed), alpha=LOOK_ALPHA)


def planned_attacks(attacks: Sequence[Decided], effort: Effort, inputs: Inputs, precision: str) -> list[PlannedAttack]:
    """Return the attacks with their priors, at this effort."""

    def beside(one: Decided) -> set[str]:
        return {other.name for other in attacks if (other.setting, other.prior) == (one.setting, one.prior)}

    return [planned_attack(one, effort, inputs, precision, beside(one)) for one in attacks]


def planned_attack(
    attack: Decided, effort: Effort, inputs: Inputs, precision: str, beside: Collection[str]
) -> PlannedAttack:
    """Return the attack with its prior, at this effort, `beside` the others that are alike."""
    prior_kind = planned_prior_kind(attack, inputs)
    preset = planned_effort(attack.name, prior_kind, effort, beside)
    size = shard_size(preset)
    return PlannedAttack(
        name=attack.name,
        setting=attack.setting,
        prior=attack.prior,
        prior_kind=prior_kind,
        prior_key=built_in_card(inputs.public)["key"] if attack.prior == "built-in" else None,
        steps=preset.steps,
        restarts=preset.restarts,
        students=preset.students if attack.setting in WITH_STUDENTS else 0,
        attack_options=attack_options(attack.name, prior_kind, precision, preset.restarts, size),
        shard_size=size,
    )


def shard_size(preset: Preset) -> int:
    """Return the identities of a shard: more of cheap searches, as jobs cost seconds to start."""
    return UNSEARCHED_SHARD if preset.steps == 0 else SHARD_SIZE * (2 if preset.restarts == 1 else 1)


def attack_options(
    attack: str, prior_kind: str, precision: str, restarts: int, shard: int = SHARD_SIZE
) -> dict[str, Any]:
    """Return the options that differ from the attack's defaults.

    Micro-batches are padded to one size. They are therefore no larger than the number of images
    that a shard computes in a step; for kedmi, three quarters would be padding otherwise.
    """
    options: dict[str, Any] = dict(PCA_OPTIONS.get(attack, {})) if prior_kind == "pca" else {}
    images = shard * images_at_once(attack, restarts)
    if images < MICRO_BATCH:
        options["micro_batch"] = images
    return options if precision == "auto" else options | {"precision": precision}


def planned_prior_kind(attack: Decided, inputs: Inputs) -> str:
    """Return the kind of prior. The default is the kind that the attack was published with."""
    if attack.prior == "built-in":
        return built_in_kind(inputs.public)
    return "pca" if attack.prior == "pca" else PRIOR_KINDS[attack.name]


def sample(candidates: list[int], count: int, seed: int) -> list[int]:
    """Return `count` of the class indices, ascending.

    Those whose SHA-256 with the seed is smallest are drawn. Any implementation in any language
    draws the same sample. A smaller sample is part of a larger one.
    """
    drawn = sorted(candidates, key=lambda index: hashlib.sha256(f"exhume/identity/{seed}/{index}".encode()).digest())
    return sorted(drawn[:count])
