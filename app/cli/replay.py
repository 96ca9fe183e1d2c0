"""`exhume replay`: run an audit again and say what came out differently."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console

from app.cli import render, waiting
from app.cli.connection import errors, server
from app.cli.exit_codes import Exit

SAID = {
    "exact": "exact: every reconstruction, the risk and the verdict are the same",
    "same_verdict": "same verdict, though not every byte: see the figures",
    "different": "different: the verdict changed",
}
console = render.console()


def replay(
    audit: Annotated[str, typer.Argument(help="Id of a finished audit.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Run an audit's plan again on the same inputs, and report drift. Exit codes: 0 same verdict, 1 different."""
    with server() as client:
        made = client.post(f"/audits/{audit}/replay")
        errors.print(f"replay {made['id']}  {client.url}/audits/{made['id']}", highlight=False)
        done = waiting.watch(client, errors, made["id"])
        if done["state"] != "succeeded":
            errors.print(f"the replay is {done['state']}: {done.get('problem') or ''}", highlight=False, markup=False)
            raise typer.Exit(Exit.AUDIT_ERROR)
        drift = client.get(f"/audits/{made['id']}/drift")
    if as_json:
        typer.echo(json.dumps(drift, indent=2))
    else:
        print_drift(console, drift)
    raise typer.Exit(Exit.GATE_FAILED if drift["outcome"] == "different" else Exit.PASS)


def print_drift(console: Console, drift: dict[str, Any]) -> None:
    """The outcome in words, then the figures of both audits."""
    console.print(SAID[drift["outcome"]], highlight=False)
    images, risk, verdict = drift["reconstructions"], drift["risk"], drift["verdict"]
    console.print(f"  reconstructions  {images['equal']} of {images['total']} equal", highlight=False)
    console.print(f"  verdict          {verdict['original']} -> {verdict['replay']}", highlight=False)
    shown = ["none" if risk[side] is None else f"{risk[side]:.4f}" for side in ("original", "replay")]
    console.print(f"  risk R           {shown[0]} -> {shown[1]}", highlight=False)
    for change in drift["changed"]:
        console.print(f"  changed: {change}", highlight=False, markup=False)
