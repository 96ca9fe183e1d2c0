"""The policy of a gate: stored on the server and applied to the target, as the gate file says."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli.gate_file import GateFile
from app.cli.gate_file.mistakes import GateFileError
from app.cli.terminal import err
from app.contract.decision import Decision
from app.contract.policy import Policy
from app.gate.feasibility import impossible
from exhume import Client, PermissionDeniedError

LOCAL_NAME = "default"


@dataclass(frozen=True)
class Applied:
    """The policy that decides."""

    id: str
    name: str
    policy: Policy


def check_possible(file: GateFile) -> None:
    """Raise `GateFileError` if the policy of the file can never pass for this model and plan."""
    policy = file.policy()
    if policy is None:
        return
    classes = len(file.description()["classes"])
    audited = min(classes, file.manifest.plan.identities or classes)
    why = impossible(policy, audited)
    if why is not None:
        few = why.needed <= classes
        place = file.document.place(("plan", "identities") if few else ("policy",))
        words = (
            f"It needs {why.needed} identities, and the plan attacks {audited} of {classes}. Raise plan.identities."
            if few
            else why.words
        )
        raise GateFileError([f"{file.path}:{place.line}:{place.column}: the policy can never pass. {words}"])


def applied(client: Client, file: GateFile, project: str, target: str, *, local: bool) -> Applied:
    """Store the policy of the gate file, if it has one, and apply it to the target."""
    source, wanted = file.manifest.policy, file.policy()
    current = client.get(f"/targets/{target}/policy")["policy_id"]
    if local and wanted is None:
        wanted = Policy()
    if source is None and not local:
        if current is None:
            raise GateFileError(
                [
                    f"{file.path}: no policy applies to {file.manifest.target}. Add `policy:` to the file: a name on "
                    "the server, `{file: policy.yaml}`, or the policy itself."
                ]
            )
        return _applied(client.get(f"/policies/{current}"))
    try:
        found = _named(client, file, project) if wanted is None else _stored(client, file, project, wanted)
        if found.id != current:
            client.put(f"/targets/{target}/policy", {"policy_id": found.id})
            err.say(f"The policy {found.name} applies to {file.manifest.target} from now on.")
        return found
    except PermissionDeniedError as error:
        differs = "differs from the one that applies to" if current else "does not apply yet to"
        raise GateFileError(
            [
                f"{file.path}: the policy {differs} {file.manifest.target}. {error.detail} "
                "Or let somebody who has it run `exhume gate` once with this file."
            ]
        ) from error


def check(decision: Decision, policy: Applied) -> None:
    """Raise `GateFileError` if another policy decided, because somebody assigned one meanwhile."""
    if decision.policy.id not in {None, policy.id}:
        raise GateFileError(
            [f"The policy {decision.policy.name!r} decided, not {policy.name!r}. Run `exhume gate` again."]
        )


def _named(client: Client, file: GateFile, project: str) -> Applied:
    wanted = file.manifest.policy.name if file.manifest.policy else None
    known = list(client.items(f"/projects/{project}/policies"))
    for row in known:
        if wanted in {row["id"], row["name"]}:
            return _applied(row)
    place = file.document.place(("policy",))
    listed = ", ".join(str(row["name"]) for row in known) or "none"
    raise GateFileError(
        [
            f"{file.path}:{place.line}:{place.column}: there is no policy named {wanted!r}. The server has {listed}. "
            "To use a file, write `policy: {file: policy.yaml}`."
        ]
    )


def _stored(client: Client, file: GateFile, project: str, wanted: Policy) -> Applied:
    """Return the policy of the server with this document, as a new version where it differs."""
    name, document = _name(file), wanted.model_dump(mode="json", by_alias=True)
    for row in client.items(f"/projects/{project}/policies"):
        if row["name"] == name:
            found = _applied(row)
            if found.policy != wanted:
                version = client.post(f"/policies/{found.id}/versions", {"policy": document})["version"]
                err.say(f"The policy {name} has a new version, {version}.")
            return Applied(found.id, name, wanted)
    return _applied(client.post(f"/projects/{project}/policies", {"name": name, "policy": document}))


def _name(file: GateFile) -> str:
    source = file.manifest.policy
    if source is None:
        return LOCAL_NAME
    return source.name or (Path(source.file).stem if source.file else file.manifest.target)


def _applied(row: dict[str, Any]) -> Applied:
    return Applied(row["id"], row["name"], Policy.model_validate(row["newest"]["policy"]))
