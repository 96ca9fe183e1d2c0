"""Exit codes of `exhume`, the same for people and pipelines."""

from enum import IntEnum


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
