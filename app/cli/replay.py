"""`exhume replay`: repeats an audit and reports differences."""

from typing import Any

import typer

from app.audits.comparison import Measured
from app.cli.arguments import AuditArgument, JsonOption
from app.cli.connection import server
from app.cli.running import print_state
from app.cli.terminal import Terminal, err, out
from app.cli.watching import watch
from app.contract.exit_codes import Exit

OUTCOMES = {"exact": "exact", "same_verdict": "same verdict", "different": "different"}
VERIFIED = {True: "verified", False: "not verified", None: "not judged"}
MOST = 20
NOT_EXACT = (
    "  The device or its software differ, or lack deterministic kernels: expect the same verdict, but other bits."
)


def replay(audit: AuditArgument, as_json: JsonOption = False) -> None:
    """Run a finished audit again and report what changed.

    Exit codes: 0 same verdict with R within its interval, 1 different, 2 audit error, 4 usage or
    permission, 5 still running.
    """
    with server() as client:
        made = client.post(f"/audits/{audit}/replay")
        err.say(f"replay {made['id']}  {client.url}/audits/{made['id']}")
        done = watch(client, made["id"])
        if done["state"] != "succeeded":
            print_state(err, done, list(client.items(f"/audits/{made['id']}/jobs")))
            raise typer.Exit(Exit.AUDIT_ERROR)
        drift = client.get(f"/audits/{made['id']}/drift")
    if as_json:
        out.json(drift)
    else:
        print_drift(out, drift)
    raise typer.Exit(Exit.GATE_FAILED if drift["outcome"] == "different" else Exit.PASS)


def print_drift(console: Terminal, drift: dict[str, Any]) -> None:
    """Print the outcome in words, then the figures of both audits."""
    images, risk, verdict = drift["reconstructions"], drift["risk"], drift["verdict"]
    sides = [
        Measured(verdict[side], risk[side], risk[f"{side}_low"], risk[f"{side}_high"])
        for side in ("original", "replay")
    ]
    console.say(
        f"{OUTCOMES[drift['outcome']]}: {drift['explanation']}",
        f"  reconstructions  {images['equal']} of {images['total']} equal",
        f"  verdict          {' -> '.join(str(one.verdict) for one in sides)}",
        f"  R                {' -> '.join(one.words for one in sides)}",
        *(f"  changed: {change}" for change in drift["changed"]),
        *([] if drift["expected"] == "exact" else [NOT_EXACT]),
        *map(identity_words, drift["identities"][:MOST]),
        *([f"  and {more:,} more identities"] if (more := len(drift["identities"]) - MOST) > 0 else []),
    )


def identity_words(one: dict[str, Any]) -> str:
    """Return the drift of one identity in a line."""
    verified = " -> ".join(VERIFIED[one[f"{side}_verified"]] for side in ("original", "replay"))
    known = [one[f"{side}_similarity"] for side in ("original", "replay")]
    similar = " -> ".join("none" if value is None else f"{value:.4f}" for value in known)
    return f"  identity {one['identity']:<6} {verified}, similarity {similar}"
