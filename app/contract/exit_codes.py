"""Exit codes of `exhume`, the same for people and pipelines."""

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.contract.decision import Decision


UNDECIDED, AUDIT_COMPLETED = "EXH005", "EXH009"


class Exit(IntEnum):
    """Exit codes. 0 to 3 and 5 are about an audit, 4 about the command."""

    PASS = 0
    GATE_FAILED = 1
    AUDIT_ERROR = 2  # no verdict: an audit failed or was cancelled, or the server failed or did not answer
    INCONCLUSIVE = 3
    USAGE = 4  # wrong options, no such thing, not allowed, no server named: the same command fails again
    STILL_RUNNING = 5
    INTERRUPTED = 130  # Ctrl-C, as shells count it
    NOT_READ = 141  # the program that read the output ended, as shells count it


def of_audit(audit: dict[str, object]) -> Exit:
    """Return the exit code for an audit as the API shows it."""
    if audit["state"] in {"failed", "cancelled"}:
        return Exit.AUDIT_ERROR
    if audit["state"] != "succeeded":
        return Exit.STILL_RUNNING
    return {"PASS": Exit.PASS, "FAIL": Exit.GATE_FAILED}.get(str(audit["verdict"]), Exit.INCONCLUSIVE)


def of_decision(decision: "Decision") -> Exit:
    """Return the exit code for a decision. A warning passes.

    A gate that fails is inconclusive if nothing but an undecided budget speaks against it.
    """
    if decision.outcome != "fail":
        return Exit.PASS
    failed = {rule.id for rule in decision.rules if rule.outcome == "fail"}
    if AUDIT_COMPLETED in failed:
        return Exit.AUDIT_ERROR
    undecided = UNDECIDED in failed or any(rule.outcome == "inconclusive" for rule in decision.rules)
    return Exit.INCONCLUSIVE if undecided and failed <= {UNDECIDED} else Exit.GATE_FAILED
