"""The engine's settings of a planned attack."""

from app.contract.plan import PlannedAttack
from worker.inversion.attacks import Attack

NAMED = ("setting", "restarts", "steps")


def attack_config(planned: PlannedAttack) -> Attack:
    """Return the attack with the plan's fields and `attack_options`. The engine checks both."""
    named = {name: getattr(planned, name) for name in NAMED}
    return Attack.from_dict(planned.attack_options | named | {"attack": planned.name})
