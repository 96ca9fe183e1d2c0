"""`exhume audit`: start, follow, show, list and cancel audits."""

from typing import Annotated, Any

import typer

from app.cli import listing, lookup, render, running
from app.cli.arguments import AttacksOption, AuditArgument, JsonOption, ProjectOption, attack_names, share
from app.cli.connection import server
from app.cli.terminal import err, out
from app.cli.watching import watch
from app.contract.choices import Attack, Combination, Effort, PriorChoice, ReleasePlan, Setting
from app.contract.exit_codes import of_audit
from exhume import Client

audit_app = typer.Typer()


@audit_app.command("start")
def start(
    release: Annotated[
        str,
        typer.Option(help="Release to audit: an id, target:version, or a target or version that names one release."),
    ],
    public: Annotated[str, typer.Option(help="Public dataset: images that an attacker could have.")],
    declared_by: Annotated[
        str,
        typer.Option(help="Who declares the right to audit this model and these images. Recorded as written."),
    ],
    rights: Annotated[
        str,
        typer.Option(
            help="The declaration, in a sentence. The audit log keeps it with the name of your API key or session."
        ),
    ],
    private: Annotated[
        str | None,
        typer.Option(
            help="Private dataset: images that the model was trained on. Without it the verdict is INCONCLUSIVE."
        ),
    ] = None,
    gallery: Annotated[
        str | None, typer.Option(help="Gallery dataset: people that the model was not trained on.")
    ] = None,
    verifier: Annotated[
        list[str] | None,
        typer.Option(help="Verifier to use; can be repeated. Default: the bundled verifiers that fit the images."),
    ] = None,
    twin: Annotated[
        str | None, typer.Option(help="Twin of the release, or `none`. Default: its newest twin, if it has one.")
    ] = None,
    attack: Annotated[
        Attack | None, typer.Option(help="Attack to run. miface is a smoke test. Default: the portfolio of the effort.")
    ] = None,
    attacks: AttacksOption = None,
    combination: Annotated[
        Combination,
        typer.Option(
            help="How several attacks count: a class is exposed if any exposes it (union), or only the attack that "
            "exposes the most counts (strongest)."
        ),
    ] = "union",
    setting: Annotated[
        Setting | None, typer.Option(help="Setting of the attacks. Default: lomma up to 32x32 pixels, lom above.")
    ] = None,
    prior: Annotated[
        PriorChoice | None,
        typer.Option(
            help="Prior to search: trained (a generator trained on the public images), pca (their principal "
            "components, fitted in a minute) or built-in (shipped for images of this size). Default: trained up to "
            "32x32 pixels, pca above."
        ),
    ] = None,
    identities: Annotated[
        int | None, typer.Option(help="Number of classes to attack, drawn with the seed. Default: all.", min=1)
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the attack and of the draw.", min=0)] = 0,
    effort: Annotated[Effort, typer.Option(help="Effort of the attack.")] = "standard",
    budget: Annotated[
        float,
        typer.Option(help="Largest risk that can pass, as a share: 0.05 is 5 %.", parser=share, metavar="SHARE"),
    ] = 0.05,
    stop_early: Annotated[
        bool,
        typer.Option(
            "--stop-early",
            help="Attack a random half of the identities first, and end the audit there if the verdict is certain. "
            "The result then covers that half.",
        ),
    ] = False,
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
    with server() as client:
        owner = lookup.project_id(client, project)
        body: dict[str, Any] = {
            "release_id": lookup.release(client, owner, release)["id"],
            "public_dataset_id": lookup.dataset(client, owner, public)["id"],
            "private_dataset_id": lookup.dataset(client, owner, private)["id"] if private else None,
            "combination": combination,
            "setting": setting,
            "prior": prior,
            "identities": identities,
            "seed": seed,
            "effort": effort,
            "budget": budget,
            "stop_early": stop_early,
            "release_plan": release_plan,
            "rights": {"declared_by": declared_by, "statement": rights},
        }
        if attack:
            body["attack"] = attack
        if attacks:
            body["attacks"] = attack_names(attacks)
        if gallery:
            body["gallery_dataset_id"] = lookup.dataset(client, owner, gallery)["id"]
        if verifier:
            named = [lookup.verifier(client, owner, name) for name in verifier]
            body["verifiers"] = [one.get("id", one["name"]) for one in named]
        if twin:
            body["twin_release_id"] = None if twin == "none" else lookup.release(client, owner, twin)["id"]
        audit = client.post(f"/projects/{owner}/audits", body)
        err.say(f"audit {audit['id']}  {client.url}/audits/{audit['id']}")
        running.print_estimate(err, audit["estimate"])
        if wait:
            finish(client, watch(client, audit["id"]), as_json)
        else:
            out.say(audit["id"])


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
def list_audits(limit: Annotated[int, typer.Option(help="Number of audits to list.", min=1, max=200)] = 20) -> None:
    """List the newest audits."""
    with server() as client:
        listing.print_audits(out, client.get("/audits", limit=limit)["items"])


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
            render.print_result(out, result)
    elif as_json:
        out.json(audit)
    else:
        running.print_state(out, audit, list(client.items(f"/audits/{audit['id']}/jobs")))
    raise typer.Exit(of_audit(audit))
