"""From a plan, fixed when the audit was requested, to the engine's settings."""

from app.contract.plan import Plan
from worker.inversion.attacks import Attack

NAMED = ("attack", "setting", "restarts", "steps")


def attack_config(plan: Plan) -> Attack:
    """The plan's own fields, and its `attack_options` for everything else; the engine checks both."""
    return Attack.from_dict(plan.attack_options | {name: getattr(plan, name) for name in NAMED})
