"""`exhume log`: the audit log of a project, its verification, and signed checkpoints."""

import json
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import lookup
from app.cli.arguments import JsonOption, ProjectOption, SearchOption
from app.cli.connection import server
from app.cli.terminal import err, out
from app.contract.exit_codes import Exit
from app.contract.predicates import CHECKPOINT_TYPE
from app.signatures.envelope import opened
from app.signatures.errors import SignatureRefusedError
from app.signatures.keys import PublicKey, read_public_keys
from exhume import Client

log_app = typer.Typer()
COLUMNS = ("seq", "at", "actor", "action", "subject", "details")


@log_app.command("show")
def show(
    project: ProjectOption = None,
    limit: Annotated[int, typer.Option(help="Number of entries.", min=1)] = 50,
    search: SearchOption = None,
    actor: Annotated[str | None, typer.Option(help="Only entries of this actor.")] = None,
    action: Annotated[
        list[str] | None,
        typer.Option(help="Only this action, such as audit.created, or all of a noun: audit. Can be repeated."),
    ] = None,
    subject: Annotated[str | None, typer.Option(help="Only entries about this id.")] = None,
    since: Annotated[str | None, typer.Option(help="Only entries from this time on, as 2026-01-31T12:00:00Z.")] = None,
    until: Annotated[str | None, typer.Option(help="Only entries before this time.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the newest entries."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/audit-log"
        wanted = {"q": search, "actor": actor, "action": action, "subject": subject, "since": since, "until": until}
        rows = list(islice(client.items(path, **wanted), limit))
    if as_json:
        out.json(rows)
        return
    out.rows([row | {"details": json.dumps(row["details"])} for row in rows], COLUMNS)


@log_app.command("checkpoint")
def checkpoint(
    file: Annotated[Path, typer.Argument(help="File to write.", dir_okay=False)], project: ProjectOption = None
) -> None:
    """Write the number and the hash of the newest entry, signed by the server.

    Keep it where the operator of the server cannot change it.
    """
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/audit-log/checkpoint"
        file.write_bytes(client.download(path))


@log_app.command("verify")
def verify(
    project: ProjectOption = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="Checkpoint that the log must contain; can be repeated.", exists=True, dir_okay=False),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(help="Public keys in PEM. Default: the keys of your server.", exists=True, dir_okay=False),
    ] = None,
) -> None:
    """Read all entries, compute the chain on this machine, and compare it with checkpoints.

    Exit codes: 0 intact, 1 changed, or a checkpoint that the log does not contain.
    """
    from app.auth.log_chain import recomputed  # canonical JSON is needed by no other command

    with server() as client:
        owner = lookup.project_id(client, project)
        entries = list(client.items(f"/projects/{owner}/audit-log"))
        keys = read_public_keys(key.read_bytes()) if key else _keys_of(client)
    chain = recomputed(owner, reversed(entries))
    if chain.broken is not None:
        _fail(f"Entry {chain.broken} does not follow from the one before it: it, or one before it, was changed.")
    for file in checkpoint or ():
        said = _said(file, keys)
        if said["project"] != owner:
            _fail(f"{file} is a checkpoint of {said['project']}, not of {owner}.")
        if not chain.holds(said["seq"], said["hash"]):
            _fail(f"The log does not contain the entry {said['seq']} of {file}: it was changed or cut off.")
    out.say(f"intact. Entries: {len(entries)}. Checkpoints: {len(checkpoint or ())}.")


def _keys_of(client: Client) -> list[PublicKey]:
    pem = "".join(str(one["pem"]) for one in client.get("/signing-keys")["items"])
    return read_public_keys(pem.encode()) if pem else []


def _said(file: Path, keys: list[PublicKey]) -> dict[str, Any]:
    """Return what a checkpoint says. Ends the command unless one of the keys signed it."""
    try:
        statement = json.loads(opened(file.read_bytes(), keys)[0])
    except SignatureRefusedError as error:
        _fail(f"{file}: {error}.")
    if statement.get("predicateType") != CHECKPOINT_TYPE:
        _fail(f"{file} is signed, but is not a checkpoint of an audit log.")
    return dict(statement["predicate"])


def _fail(why: str) -> None:
    err.say(f"not verified: {why}")
    raise typer.Exit(Exit.GATE_FAILED)
