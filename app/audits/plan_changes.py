"""Differences between two plans and their inputs, in words."""

from collections.abc import Callable

from app.contract.attack_labels import attack_label
from app.contract.comparison import Change
from app.contract.plan import Plan, PlannedAttack
from app.contract.result import Result
from app.contract.shares import share

NONE = "none"
PLAN: dict[str, Callable[[Plan], str]] = {
    "Effort": lambda plan: plan.effort,
    "Combination of the attacks": lambda plan: plan.combination if len(plan.attacks) > 1 else NONE,
    "Identities": lambda plan: f"{plan.identity_sample.count:,} of {plan.identity_sample.of:,}",
    "Seed": lambda plan: str(plan.seed),
    "Budget": lambda plan: share(plan.budget),
    "Confidence": lambda plan: share(plan.confidence),
    "Release plan": lambda plan: plan.release_plan or "undeclared",
    "Twin": lambda plan: plan.twin.release if plan.twin else NONE,
    "Early look": lambda plan: f"after {len(plan.look.identities):,} identities" if plan.look else NONE,
}
ATTACK: dict[str, Callable[[PlannedAttack], str]] = {
    "attack": lambda one: attack_label(one.name, one.setting, one.prior),
    "kind of prior": lambda one: one.prior_kind,
    "steps": lambda one: f"{one.steps:,}",
    "restarts": lambda one: f"{one.restarts:,}",
    "students": lambda one: f"{one.students:,}",
    "options": lambda one: ", ".join(f"{name} {value}" for name, value in sorted(one.attack_options.items())) or NONE,
}
INPUTS = {
    "checkpoint": "Checkpoint",
    "public_images": "Public images",
    "private_images": "Private images",
    "gallery_images": "Gallery",
    "prior": "Prior",
    "students": "Students",
}


def changes(first: Plan, second: Plan, before: Result, after: Result) -> list[Change]:
    """Return the differences in attacks, in the rest of the plan, in judges and in inputs."""
    found = []
    for at in range(max(len(first.attacks), len(second.attacks))):
        number = f" {at + 1}" if max(len(first.attacks), len(second.attacks)) > 1 else ""
        pair = [plan.attacks[at] if at < len(plan.attacks) else None for plan in (first, second)]
        for what, said in ATTACK.items():
            values = [NONE if one is None else said(one) for one in pair]
            name = f"Attack{number}" if what == "attack" else f"Attack{number}: {what}"
            if None not in pair or what == "attack":
                found.append(Change(what=name, first=values[0], second=values[1]))
    found += [Change(what=what, first=said(first), second=said(second)) for what, said in PLAN.items()]
    found.append(Change(what="Verifiers", first=_judges(before), second=_judges(after)))
    for name, what in INPUTS.items():
        digests = [getattr(result.inputs, name) for result in (before, after)]
        found.append(Change(what=what, first=_short(digests[0]), second=_short(digests[1])))
    return [one for one in found if one.first != one.second]


def _judges(result: Result) -> str:
    return ", ".join(f"{one.name} ({_short(one.digest)})" for one in result.verifiers if not one.refused) or NONE


def _short(digest: str | None) -> str:
    return NONE if digest is None else digest.removeprefix("sha256:")[:12]
