"""Upgrades of stored plans, one function per version. Pure functions on JSON documents.

The stored plan and its digest are not changed. Plans are upgraded when they are read.
"""

from collections.abc import Callable, Mapping
from typing import Any

NO_SETS = {"public": None, "private": None, "gallery": None}


def from_1(plan: dict[str, Any]) -> dict[str, Any]:
    """Upgrade to version 2, which names the verifiers, the gallery and the twin.

    Version 1 had no gallery and no twin.
    """
    return {"verifiers": None, "gallery": None, "twin": None} | plan | {"version": 2}


def from_2(plan: dict[str, Any]) -> dict[str, Any]:
    """Upgrade to version 3, which binds the data sets by their digests.

    The first plans of version 2 had no prior and no release plan. Their attack was gmi, with the
    kind of prior that gmi was published with.
    """
    chosen = {"prior": "trained", "prior_kind": "wgan-gp", "release_plan": None}
    return chosen | plan | {"datasets": dict(NO_SETS), "version": 3}


OF_THE_ATTACK = (
    *("setting", "prior", "prior_kind", "prior_key", "steps", "restarts", "students", "attack_options"),
    *("shard_size", "prior_recipe"),
)


def from_3(plan: dict[str, Any]) -> dict[str, Any]:
    """Upgrade to version 4, which has a list of attacks. Version 3 described one attack."""
    rest = dict(plan)
    attack = {"name": rest.pop("attack")} | {name: rest.pop(name) for name in OF_THE_ATTACK if name in rest}
    return rest | {"attacks": [attack], "version": 4}


UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: from_1, 2: from_2, 3: from_3}


def upgraded(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan of the current version; a plan of that version is returned as it is."""
    plan = dict(stored)
    while (upgrade := UPGRADES.get(plan.get("version", 0))) is not None:
        plan = upgrade(plan)
    return plan
