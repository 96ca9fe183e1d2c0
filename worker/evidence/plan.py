"""The engine's settings of a plan."""

from app.contract.plan import Plan
from worker.inversion.attacks import Attack

NAMED = ("attack", "setting", "restarts", "steps")


def attack_config(plan: Plan) -> Attack:
    """Return the attack with the plan's fields and `attack_options`. The engine checks both."""
    return Attack.from_dict(plan.attack_options | {name: getattr(plan, name) for name in NAMED})
