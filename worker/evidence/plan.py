"""From a plan, fixed when the audit was requested, to the engine's settings."""

from typing import Any

from worker.inversion.attacks import Attack

NAMED = ("attack", "setting", "restarts", "steps")


def attack_config(plan: dict[str, Any]) -> Attack:
    """The plan's own fields, and its `attack_options` for everything else; the engine checks both."""
    named = {name: plan[name] for name in NAMED if plan.get(name) is not None}
    return Attack.from_dict(dict(plan.get("attack_options") or {}) | named)
