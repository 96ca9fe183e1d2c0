"""Exit codes of `exhume`, the same for people and pipelines."""

from enum import IntEnum


class Exit(IntEnum):
    """What a pipeline may act on."""

    PASS = 0
    GATE_FAILED = 1
    AUDIT_ERROR = 2
    INCONCLUSIVE = 3
    USAGE = 4
    STILL_RUNNING = 5


def of_audit(audit: dict[str, object]) -> Exit:
    """The exit code that an audit, as the API shows it, stands for."""
    if audit["state"] in {"failed", "cancelled"}:
        return Exit.AUDIT_ERROR
    if audit["state"] != "succeeded":
        return Exit.STILL_RUNNING
    return {"PASS": Exit.PASS, "FAIL": Exit.GATE_FAILED}.get(str(audit["verdict"]), Exit.INCONCLUSIVE)
