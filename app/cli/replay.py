"""`exhume replay`: run an audit again and say what came out differently."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console

from app.audits.comparison import Measured
from app.cli import render, waiting
from app.cli.connection import errors, server
from app.cli.exit_codes import Exit

OUTCOMES = {"exact": "exact", "same_verdict": "same verdict", "different": "different"}
console = render.console()


def replay(
    audit: Annotated[str, typer.Argument(help="Id of a finished audit.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Run an audit's plan again on the same inputs, and report drift.

    Exit codes: 0 for the same verdict with R within its interval, 1 for a different result, 2 if the replay fails.
    """
    with server() as client:
        made = client.post(f"/audits/{audit}/replay")
        errors.print(f"replay {made['id']}  {client.url}/audits/{made['id']}", highlight=False)
        done = waiting.watch(client, errors, made["id"])
        if done["state"] != "succeeded":
            why = (done.get("problem") or {}).get("detail", "it has no result")
            errors.print(f"The replay is {done['state']}: {why}", highlight=False, markup=False)
            raise typer.Exit(Exit.AUDIT_ERROR)
        drift = client.get(f"/audits/{made['id']}/drift")
    if as_json:
        typer.echo(json.dumps(drift, indent=2))
    else:
        print_drift(console, drift)
    raise typer.Exit(Exit.GATE_FAILED if drift["outcome"] == "different" else Exit.PASS)


def print_drift(console: Console, drift: dict[str, Any]) -> None:
    """Print the outcome in words, then the figures of both audits and the inputs that changed."""
    console.print(f"{OUTCOMES[drift['outcome']]}: {drift['explanation']}", highlight=False, markup=False)
    images, risk, verdict = drift["reconstructions"], drift["risk"], drift["verdict"]
    sides = [
        Measured(verdict[side], risk[side], risk[f"{side}_low"], risk[f"{side}_high"])
        for side in ("original", "replay")
    ]
    console.print(f"  reconstructions  {images['equal']} of {images['total']} equal", highlight=False)
    console.print(f"  verdict          {' -> '.join(str(one.verdict) for one in sides)}", highlight=False)
    console.print(f"  R                {' -> '.join(one.words for one in sides)}", highlight=False)
    for change in drift["changed"]:
        console.print(f"  changed: {change}", highlight=False, markup=False)
