"""`exhume audit`: start, watch, show, list and cancel audits."""

import json
from typing import Annotated, Any

import typer
from rich.table import Table

from app.cli import lookup, render, waiting
from app.cli.connection import errors, server
from app.cli.exit_codes import of_audit
from app.cli.registry import ProjectOption
from app.client import Client

console = render.console()
audit_app = typer.Typer(help="Audits: attack a release and judge what comes out.", no_args_is_help=True)


@audit_app.command("start")
def start(
    release: Annotated[str, typer.Option(help="Id, target:version, or version or target alone if only one fits.")],
    public: Annotated[str, typer.Option(help="Public dataset: what an attacker has.")],
    declared_by: Annotated[str, typer.Option(help="Who declares the right to audit this model and data.")],
    rights: Annotated[str, typer.Option(help="The declaration, in a sentence; it is kept in the audit log.")],
    private: Annotated[
        str | None, typer.Option(help="Private dataset; without it the verdict is INCONCLUSIVE.")
    ] = None,
    gallery: Annotated[str | None, typer.Option(help="Gallery dataset: people who were not trained on.")] = None,
    verifier: Annotated[
        list[str] | None, typer.Option(help="Who judges, repeated; default: the bundled ones for this size.")
    ] = None,
    twin: Annotated[str | None, typer.Option(help="A twin of the release, or none; default: its newest one.")] = None,
    attack: Annotated[str, typer.Option(help="gmi, kedmi, vmi, or miface as a smoke test.")] = "gmi",
    setting: Annotated[
        str | None,
        typer.Option(help="baseline, lom, ma or lomma; default: what found most on such images (lom above 32x32)."),
    ] = None,
    prior: Annotated[
        str | None,
        typer.Option(
            help="trained on the public images; pca: their principal components, in a minute; or built-in: the one "
            "shipped for 64x64 colour faces. Default: pca above 32x32, trained up to it."
        ),
    ] = None,
    identities: Annotated[int | None, typer.Option(help="How many, sampled by the seed; default: all.", min=1)] = None,
    seed: int = 0,
    effort: Annotated[str, typer.Option(help="quick, standard or deep.")] = "standard",
    budget: Annotated[float, typer.Option(help="Largest risk that may pass.", min=0, max=1)] = 0.05,
    release_plan: Annotated[
        str | None,
        typer.Option(help="Who will hold the weights: weights-public, weights-shared or hosted; sets the severity."),
    ] = None,
    project: ProjectOption = None,
    wait: Annotated[bool, typer.Option(help="Stay until the verdict; the exit code is the verdict's.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result document.")] = False,
) -> None:
    """Start an audit. Exit codes: 0 pass, 1 fail, 2 audit error, 3 inconclusive, 4 usage, 5 still running."""
    with server() as client:
        owner = lookup.project_id(client, project)
        body: dict[str, Any] = {
            "release_id": lookup.release(client, owner, release)["id"],
            "public_dataset_id": lookup.dataset(client, owner, public)["id"],
            "private_dataset_id": lookup.dataset(client, owner, private)["id"] if private else None,
            "attack": attack,
            "setting": setting,
            "prior": prior,
            "identities": identities,
            "seed": seed,
            "effort": effort,
            "budget": budget,
            "release_plan": release_plan,
            "rights": {"declared_by": declared_by, "statement": rights},
        }
        if gallery:
            body["gallery_dataset_id"] = lookup.dataset(client, owner, gallery)["id"]
        if verifier:
            named = [lookup.verifier(client, owner, name) for name in verifier]
            body["verifiers"] = [one.get("id", one["name"]) for one in named]
        if twin:
            body["twin_release_id"] = None if twin == "none" else lookup.release(client, owner, twin)["id"]
        audit = client.post(f"/projects/{owner}/audits", body)
        errors.print(f"audit {audit['id']}  {client.url}/audits/{audit['id']}", highlight=False)
        render.print_estimate(errors, audit["estimate"])
        if wait:
            finish(client, waiting.watch(client, errors, audit["id"]), as_json)
        else:
            console.print(audit["id"])


@audit_app.command("wait")
def wait_for(audit: str, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Watch a running audit; the exit code is the verdict's."""
    with server() as client:
        finish(client, waiting.watch(client, errors, audit), as_json)


@audit_app.command("show")
def show(audit: str, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Show the verdict, or how far the audit is; the exit code is the verdict's."""
    with server() as client:
        finish(client, client.get(f"/audits/{audit}"), as_json)


@audit_app.command("list")
def list_audits(limit: Annotated[int, typer.Option(min=1, max=200)] = 20) -> None:
    """List the newest audits."""
    with server() as client:
        table = Table(show_edge=False, pad_edge=False)
        for column in ("id", "state", "verdict", "risk", "95 % interval", "setting", "created"):
            table.add_column(column, no_wrap=column == "id", overflow="fold")
        for audit in client.get("/audits", limit=limit)["items"]:
            risk = {"value": audit["risk"], "low": audit["risk_low"], "high": audit["risk_high"]}
            value, span = render.interval(risk, percent=False) if audit["risk"] is not None else ("", "")
            row = (audit["id"], audit["state"], audit["verdict"] or "", value, span)
            table.add_row(*row, audit["plan"]["setting"], audit["created_at"][:16])
        console.print(table)


@audit_app.command("regression")
def regression(audit: str, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Compare an audit with the previous one of the target that measured in the same way."""
    with server() as client:
        found = client.get(f"/audits/{audit}/regression")
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        console.print(render.regression_line(found) or found["reason"], highlight=False, markup=False)


@audit_app.command("cancel")
def cancel(audit: str) -> None:
    """Ask a running audit to stop; what it has finished is kept."""
    with server() as client:
        console.print(client.post(f"/audits/{audit}/cancel")["state"])


def finish(client: Client, audit: dict[str, Any], as_json: bool) -> None:
    """Print the result, or how far the audit is; ends the command with the verdict's exit code."""
    if audit["state"] == "succeeded":
        result = client.get(f"/audits/{audit['id']}/result")
        if as_json:
            typer.echo(json.dumps(result, indent=2))
        else:
            render.print_result(console, result)
    else:
        problem = audit.get("problem") or {}
        console.print(f"audit {audit['id']} is {audit['state']}", highlight=False)
        if audit["state"] in {"queued", "running", "cancelling"}:
            render.print_stages(console, list(client.items(f"/audits/{audit['id']}/jobs")))
        if problem:
            console.print(f"{problem.get('code')}: {problem.get('detail')}", highlight=False, markup=False)
    raise typer.Exit(of_audit(audit))
