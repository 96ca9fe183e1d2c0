"""docs/operations.md lists all actions of the audit log and no others."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ACTION = re.compile(r'"((?:\{kind(?:\.name)?\}|[a-z_]+)\.[a-z_]+)"')
WRITES = (
    *("audit_log.write(", "audit_log.write_now(", "append_by_worker(", "_log(", "action = ", "action="),
    *("await log.write(", "ITEM_SHOWN = ", "DELETED = ", "EXPORTED = ", "ERASED = "),
)
IMPORTED = ("release", "dataset")
UPLOADED = (*IMPORTED, "verifier")
KINDS = {"uploaded": UPLOADED, "deleted": (*UPLOADED, "prior", "audit", "project")}


def actions_of_the_code() -> set[str]:
    """Return the action names in calls that append to the log."""
    return {
        re.sub(r"\{kind(\.name)?\}", kind, action)
        for folder in ("app", "worker")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for action in _actions(file.read_text())
        for kind in KINDS.get(action.rpartition(".")[2], IMPORTED)
    }


def _actions(text: str) -> Iterator[str]:
    if not any(name in text for name in ("audit_log", "AuditLogEntry", " import log")):
        return
    for begin in WRITES:
        for part in text.split(begin)[1:]:
            call = part.split("\n\n")[0].split("details=")[0]
            yield from ACTION.findall(call)


def actions_of_the_page() -> set[str]:
    """Return the first column of the table."""
    section = (ROOT / "docs" / "operations.md").read_text().split("## The audit log")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {action for row in rows for action in re.findall(r"`([a-z_]+\.[a-z_]+)`", row)}


def test_the_page_lists_every_action() -> None:
    found = actions_of_the_code()
    assert {"image.revealed", "image.reveal_refused", "private_set.opened", "release.imported"} <= found
    assert actions_of_the_page() == found
