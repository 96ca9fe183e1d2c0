"""The audit of a gate: an earlier one of the same release, data and plan, or a new one."""

from dataclasses import dataclass
from typing import Any

from app.cli import lookup, running
from app.cli.gate.alike import planned_alike
from app.cli.gate.pushing import Pushed
from app.cli.gate_file.manifest import Manifest
from app.cli.terminal import err
from app.contract.decision import Decision
from exhume import Audit, Client

DEFAULT_BUDGET = 0.05
LOOKED_AT = 200
FRESHNESS = "EXH008"


@dataclass(frozen=True)
class Request:
    """A request for an audit, and the names of the verifiers that it chooses, if it does."""

    body: dict[str, Any]
    verifiers: list[str] | None


def request_of(client: Client, project: str, manifest: Manifest, pushed: Pushed, budget: float | None) -> Request:
    """Return the request for the audit. `budget` is that of the policy."""
    plan = manifest.plan
    request: dict[str, Any] = {
        "release_id": pushed.release.id,
        **{f"{role}_dataset_id": found.id for role, found in pushed.sets.items()},
        "combination": plan.combination,
        "seed": plan.seed,
        "effort": plan.effort,
        "budget": plan.budget or budget or DEFAULT_BUDGET,
        "stop_early": plan.stop_early,
        "rights": manifest.rights.model_dump(),
    }
    names = None
    optional = plan.model_dump(include={"attacks", "setting", "prior", "identities", "release_plan"}, exclude_none=True)
    if plan.verifiers is not None:
        named = [lookup.verifier(client, project, name) for name in plan.verifiers]
        optional["verifiers"] = [one.get("id", one["name"]) for one in named]
        names = [str(one["name"]) for one in named]
    return Request(request | optional, names)


def audit_of(client: Client, project: str, request: Request, *, again: bool) -> tuple[Audit, bool]:
    """Return the audit of this request, and whether it was started now."""
    found = None if again else _earlier(client, project, request)
    if found is not None:
        state = "has finished" if found.finished else "is running"
        err.say(f"Audit {found.id} of the same release and plan {state}.  {client.url}/audits/{found.id}")
        return found, False
    audit = client.start_audit(project, request.body)
    err.say(f"audit {audit.id}  {client.url}/audits/{audit.id}")
    running.print_estimate(err, audit.estimate.model_dump())
    return audit, True


def is_stale(decision: Decision) -> bool:
    """Tell whether the verdict is too old for the policy, so that only a new audit can pass."""
    return any(rule.id == FRESHNESS and rule.outcome in {"fail", "warn"} for rule in decision.rules)


def _earlier(client: Client, project: str, request: Request) -> Audit | None:
    """Return the newest audit of the same release, data and plan that has not failed."""
    for number, audit in enumerate(client.audits(project)):
        if number >= LOOKED_AT:
            return None
        if audit.state in {"queued", "running", "succeeded"} and planned_alike(audit, request.body, request.verifiers):
            return client.audit(audit.id)
    return None
