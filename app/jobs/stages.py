"""The stages of an audit, in order, with their dependencies. No other module knows the flow."""

from enum import StrEnum
from typing import Literal, get_args


class Stage(StrEnum):
    """A kind of job.

    A fetch belongs to an upload, an intake stage to the uploaded resource, other stages to an
    audit.
    """

    FETCH = "fetch"
    INTAKE_RELEASE = "intake_release"
    INTAKE_DATASET = "intake_dataset"
    INTAKE_VERIFIER = "intake_verifier"
    REFERENCES = "references"
    PREPARE = "prepare"
    PRIOR = "prior"
    STUDENTS = "students"
    ATTACK = "attack"
    CONTROLS = "controls"
    LOOK = "look"
    ATTACK_REST = "attack_rest"
    VERIFY = "verify"
    POWER = "power"
    SCORE = "score"


AuditStage = Literal[
    Stage.REFERENCES,
    Stage.PREPARE,
    Stage.PRIOR,
    Stage.STUDENTS,
    Stage.ATTACK,
    Stage.CONTROLS,
    Stage.LOOK,
    Stage.ATTACK_REST,
    Stage.VERIFY,
    Stage.POWER,
    Stage.SCORE,
]
AUDIT_STAGES: tuple[Stage, ...] = get_args(AuditStage)
"""In the order in which they run."""

WITH_LOOK = frozenset({Stage.LOOK, Stage.ATTACK_REST})
"""The stages that only an audit with an early look has."""

SEARCHES = frozenset({Stage.ATTACK, Stage.ATTACK_REST})
"""The stages that attack the release, in shards."""

WAITS_FOR: dict[Stage, tuple[Stage, ...]] = {
    Stage.FETCH: (),
    Stage.INTAKE_RELEASE: (),
    Stage.INTAKE_DATASET: (),
    Stage.INTAKE_VERIFIER: (),
    Stage.REFERENCES: (),
    Stage.PREPARE: (Stage.REFERENCES,),
    Stage.PRIOR: (Stage.PREPARE,),
    Stage.STUDENTS: (Stage.PREPARE,),
    Stage.ATTACK: (Stage.PRIOR, Stage.STUDENTS),
    Stage.CONTROLS: (Stage.PRIOR,),
    Stage.LOOK: (Stage.ATTACK, Stage.CONTROLS),
    Stage.ATTACK_REST: (Stage.LOOK,),
    Stage.VERIFY: (Stage.ATTACK, Stage.CONTROLS, Stage.ATTACK_REST),
    Stage.POWER: (Stage.VERIFY,),
    Stage.SCORE: (Stage.POWER,),
}


def _all_before(stage: Stage) -> frozenset[Stage]:
    return frozenset(WAITS_FOR[stage]).union(*map(_all_before, WAITS_FOR[stage]))


BEFORE = {stage: _all_before(stage) for stage in Stage}
"""All earlier stages of each stage. One of them may run again after later ones have succeeded."""

OPENS_PRIVATE_SET = frozenset({Stage.REFERENCES, Stage.LOOK, Stage.VERIFY, Stage.POWER})
"""The stages that may open the private set: the first, and those after a freeze."""

NEEDS_RELEASE_THAT_FITS = frozenset(
    {
        *(Stage.PRIOR, Stage.STUDENTS, Stage.ATTACK, Stage.CONTROLS),
        *(Stage.LOOK, Stage.ATTACK_REST, Stage.VERIFY, Stage.POWER),
    }
)
"""The stages that need compute.

They end at once when the references stage found that the release cannot be audited.
"""
