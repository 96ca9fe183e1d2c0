"""The engine's settings of a planned attack."""

import dataclasses
from typing import Any

from app.contract.plan import PlannedAttack
from worker.evidence.precision import AUTO, precision_on
from worker.inversion.attacks import Attack

NAMED = ("setting", "restarts", "steps")


def attack_config(planned: PlannedAttack) -> Attack:
    """Return the attack with the plan's fields and `attack_options`. The engine checks both."""
    named = {name: getattr(planned, name) for name in NAMED}
    return Attack.from_dict(planned.attack_options | named | {"attack": planned.name})


def attack_on(hardware: dict[str, Any], planned: PlannedAttack) -> Attack:
    """Return the attack with the precision in which this hardware searches."""
    precision = precision_on(hardware, planned.attack_options.get("precision", AUTO))
    return dataclasses.replace(attack_config(planned), precision=precision)
