"""Comparison of what a gate file asks for with what the server has."""

from typing import Any

from app.contract.class_kinds import ClassKind
from app.contract.convention import Convention
from app.formats.names import tidy
from exhume import AuditSummary, Release


def described_alike(release: Release, description: dict[str, Any]) -> bool:
    """Tell whether a release was created with this description."""
    wanted = (
        [tidy(name) for name in description["classes"]],
        description.get("classes_are", ClassKind.PERSON),
        Convention.model_validate(description["convention"]),
    )
    found = (release.classes, release.classes_are, Convention.model_validate(release.convention))
    architecture = description.get("architecture") or "auto"
    given = description.get("hyperparameters") or {}
    stored = (release.model_extra or {}).get("hyperparameters") or {}
    return wanted == found and architecture in {"auto", release.architecture} and given.items() <= stored.items()


def planned_alike(audit: AuditSummary, request: dict[str, Any], verifiers: list[str] | None) -> bool:
    """Tell whether an audit does what a request asks for. The rest may differ.

    `verifiers` are the names of those that the request chooses.
    """
    plan = audit.plan
    sample, attacks = plan.identity_sample, request.get("attacks")
    # the budget is left out, because the policy judges R by its own
    asked = {
        "release_id": audit.release.id,
        "public_dataset_id": _id(audit, "public_dataset"),
        "private_dataset_id": _id(audit, "private_dataset"),
        "gallery_dataset_id": _id(audit, "gallery_dataset"),
        "seed": plan.seed,
        "effort": plan.effort,
        "combination": plan.combination,
        "release_plan": plan.release_plan,
        "identities": sample.count if request.get("identities") is not None else None,
        "attacks": [one.name for one in plan.attacks] if attacks is not None else None,
        "setting": plan.attacks[0].setting if request.get("setting") is not None else None,
        "prior": plan.attacks[0].prior if request.get("prior") is not None else None,
    }
    if plan.stop_early and (not request.get("stop_early") or plan.budget != request["budget"]):
        return False  # it may have ended early, at its own budget
    chosen = sorted(one.name for one in plan.verifiers or []) if plan.verifiers_chosen else None
    if chosen != (verifiers and sorted(verifiers)):
        return False
    return all(request.get(name) == value for name, value in asked.items())


def _id(audit: AuditSummary, name: str) -> str | None:
    found = (audit.model_extra or {}).get(name)
    return str(found["id"]) if found else None
