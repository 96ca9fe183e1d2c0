"""The list of audits."""

from typing import Any

from app.cli.terminal import Terminal
from app.contract.attack_labels import portfolio_label
from app.contract.shares import share, span

COLUMNS = ("id", "model", "state", "verdict", "risk R", "95 % interval", "attacks", "created")


def print_audits(console: Terminal, audits: list[dict[str, Any]]) -> None:
    """Print a row per audit: model, state, verdict, and R with its interval."""
    if audits:
        console.table(COLUMNS, [_row(audit) for audit in audits], right=("risk R", "95 % interval"))
    else:
        console.say("Nothing here yet.")


def _row(audit: dict[str, Any]) -> tuple[object, ...]:
    value, low, high = audit["risk"], audit["risk_low"], audit["risk_high"]
    release = audit["release"]
    return (
        audit["id"],
        f"{release['target_name']}:{release['version']}",
        audit["state"],
        audit["verdict"],
        None if value is None else share(value),
        None if low is None or high is None else span(low, high),
        portfolio_label((one["name"], one["setting"], one["prior"]) for one in audit["plan"]["attacks"]),
        audit["created_at"][:16].replace("T", " "),
    )
