"""`exhume audit`: start, follow, show, list and cancel audits."""

from typing import Annotated, Any

import typer

from app.cli import audit_options, listing, lookup, render, running
from app.cli.arguments import AttacksOption, AuditArgument, JsonOption, ProjectOption, SearchOption, SortOption
from app.cli.connection import server
from app.cli.terminal import err, out
from app.cli.time_left import duration
from app.cli.watching import watch
from app.contract.choices import ReleasePlan, Verdict
from app.contract.exit_codes import of_audit
from app.db.states import AuditState
from exhume import Client

audit_app = typer.Typer()


@audit_app.command("start")
def start(
    release: audit_options.Release,
    public: audit_options.Public,
    declared_by: Annotated[
        str,
        typer.Option(help="Who declares the right to audit this model and these images. Recorded as written."),
    ],
    rights: Annotated[
        str,
        typer.Option(
            help="The declaration, in a sentence. The audit log keeps it, with you or your API key as the actor."
        ),
    ],
    private: audit_options.Private = None,
    gallery: audit_options.Gallery = None,
    verifier: audit_options.Verifiers = None,
    twin: audit_options.Twin = None,
    attack: audit_options.OneAttack = None,
    attacks: AttacksOption = None,
    combination: audit_options.Combining = "union",
    setting: audit_options.Settings = None,
    prior: audit_options.Prior = None,
    identities: audit_options.Identities = None,
    seed: audit_options.Seed = 0,
    effort: audit_options.HowMuch = "standard",
    budget: audit_options.Budget = 0.05,
    stop_early: audit_options.StopEarly = False,
    release_plan: Annotated[
        ReleasePlan | None,
        typer.Option(
            help="Who will hold the weights: everybody (weights-public), partners or devices (weights-shared), or only "
            "you (hosted). Determines the severity. Default: the severity of weights-shared."
        ),
    ] = None,
    project: ProjectOption = None,
    wait: Annotated[
        bool,
        typer.Option(help="Wait for the verdict. --no-wait prints the id and exits with 0 once the audit is queued."),
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Start an audit and wait for its verdict.

    Exit codes: 0 pass, 1 fail, 2 audit error, 3 inconclusive, 4 usage or permission,
    5 still running.
    """
    given: dict[str, Any] = {
        "combination": combination,
        "setting": setting,
        "prior": prior,
        "identities": identities,
        "seed": seed,
    }
    given |= {"effort": effort, "budget": budget, "stop_early": stop_early, "attack": attack, "attacks": attacks}
    with server() as client:
        owner = lookup.project_id(client, project)
        body = audit_options.request(client, owner, release, public, private, gallery, verifier, twin, given)
        body |= {"release_plan": release_plan, "rights": {"declared_by": declared_by, "statement": rights}}
        audit = client.post(f"/projects/{owner}/audits", body)
        err.say(f"audit {audit['id']}  {client.url}/audits/{audit['id']}")
        running.print_estimate(err, audit["estimate"])
        if wait:
            finish(client, watch(client, audit["id"]), as_json)
        else:
            out.say(audit["id"])


@audit_app.command("estimate")
def estimate(
    release: audit_options.Release,
    public: audit_options.Public,
    private: audit_options.Private = None,
    gallery: audit_options.Gallery = None,
    verifier: audit_options.Verifiers = None,
    twin: audit_options.Twin = None,
    attack: audit_options.OneAttack = None,
    attacks: AttacksOption = None,
    combination: audit_options.Combining = "union",
    setting: audit_options.Settings = None,
    prior: audit_options.Prior = None,
    identities: audit_options.Identities = None,
    seed: audit_options.Seed = 0,
    effort: audit_options.HowMuch = "standard",
    budget: audit_options.Budget = 0.05,
    stop_early: audit_options.StopEarly = False,
    project: ProjectOption = None,
    as_json: JsonOption = False,
) -> None:
    """Estimate how long an audit takes and what it can conclude. Starts nothing."""
    given: dict[str, Any] = {
        "combination": combination,
        "setting": setting,
        "prior": prior,
        "identities": identities,
        "seed": seed,
    }
    given |= {"effort": effort, "budget": budget, "stop_early": stop_early, "attack": attack, "attacks": attacks}
    with server() as client:
        owner = lookup.project_id(client, project)
        body = audit_options.request(client, owner, release, public, private, gallery, verifier, twin, given)
        found = client.post(f"/projects/{owner}/audits/estimate", body)
    if as_json:
        out.json(found)
    else:
        running.print_estimate(out, found)
        out.say(*(f"  {stage:<10} {duration(seconds)}" for stage, seconds in found["stages"].items()))


@audit_app.command("wait")
def wait_for(audit: AuditArgument, as_json: JsonOption = False) -> None:
    """Follow an audit until it has finished. The exit code is that of the verdict."""
    with server() as client:
        finish(client, watch(client, audit), as_json)


@audit_app.command("show")
def show(audit: AuditArgument, as_json: JsonOption = False) -> None:
    """Show the verdict, or the progress of the audit. The exit code is that of the verdict."""
    with server() as client:
        finish(client, client.get(f"/audits/{audit}"), as_json)


@audit_app.command("list")
def list_audits(
    limit: Annotated[int, typer.Option(help="Number of audits to list.", min=1, max=200)] = 20,
    search: SearchOption = None,
    sort: SortOption = None,
    state: Annotated[list[AuditState] | None, typer.Option(help="Only audits in this state; can be repeated.")] = None,
    verdict: Annotated[Verdict | None, typer.Option(help="Only audits with this verdict.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List audits, newest first by default."""
    with server() as client:
        found = client.get("/audits", limit=limit, q=search, sort=sort, state=state, verdict=verdict)["items"]
    if as_json:
        out.json(found)
    else:
        listing.print_audits(out, found)


@audit_app.command("regression")
def regression(audit: AuditArgument, as_json: JsonOption = False) -> None:
    """Compare an audit with the previous comparable audit of the same target."""
    with server() as client:
        found = client.get(f"/audits/{audit}/regression")
    if as_json:
        out.json(found)
    else:
        out.say(render.regression_line(found) or found["reason"])


@audit_app.command("cancel")
def cancel(audit: AuditArgument) -> None:
    """Stop a running audit.

    Running stages stop at their next checkpoint. Finished stages are kept.
    """
    with server() as client:
        out.say(client.post(f"/audits/{audit}/cancel")["state"])


def finish(client: Client, audit: dict[str, Any], as_json: bool) -> None:
    """Print the result or the state of an audit, and exit with its verdict's exit code."""
    if audit["state"] == "succeeded":
        result = client.get(f"/audits/{audit['id']}/result")
        if as_json:
            out.json(result)
        else:
            out.say(f"{running.titled(audit)}:")
            render.print_result(out, result)
    elif as_json:
        out.json(audit)
    else:
        running.print_state(out, audit, list(client.items(f"/audits/{audit['id']}/jobs")))
        if audit["state"] == "queued":
            running.print_queue(out, client, audit["id"])
    raise typer.Exit(of_audit(audit))
