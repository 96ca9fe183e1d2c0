"""Problems for exceptions in a stage, with advice for the user."""

import errno
import re
from typing import Any

from app.errors import ConflictError, ProblemError, StorageFullError, UnprocessableError
from app.formats.declared import DeclarationError, UnknownArchitecture
from app.jobs.leases import Claim
from app.kit.crypto import UnsealError
from app.problem_types import problem_body
from app.storage.store import MissingObjectError
from worker.inversion.errors import CheckpointMismatch, EngineError
from worker.inversion.memory import out_of_memory

FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT})
SAYS_FULL = re.compile(
    r"No space left on device|Disk quota exceeded|\d+ requested and \d+ written|unexpected pos \d+ vs \d+"
)
"""What safetensors, NumPy and PyTorch say in errors without a number when a disk is full."""
FULL_STAGE = "The disk was full at the stage {stage}. It is tried again once there is room: free some space."


def is_full(error: Exception) -> bool:
    """Return True if a disk of the service is full, which is not a fault of the input."""
    if isinstance(error, StorageFullError):
        return True
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in FULL_DISK
    return not is_final(error) and SAYS_FULL.search(str(error)) is not None


def is_final(error: Exception) -> bool:
    """Return True if another attempt would fail the same way, because the input is at fault."""
    return isinstance(error, ProblemError | EngineError | DeclarationError | MissingObjectError | UnsealError)


def problem_of(error: Exception, claim: Claim) -> dict[str, Any]:
    """Return the RFC 9457 body recorded with the job."""
    if isinstance(error, ProblemError):
        return error.to_dict()
    if isinstance(error, EngineError | DeclarationError):
        return engine_problem(error).to_dict()
    if isinstance(error, MissingObjectError | UnsealError):
        return missing(claim).to_dict()
    if is_full(error):
        return StorageFullError("storage_full", FULL_STAGE.format(stage=claim.stage)).to_dict()
    memory = out_of_memory(error)
    again = "Start the audit again" if claim.audit_id is not None else "Upload the file again"
    advice = (
        "The worker ran out of memory. Give it more, or audit fewer identities at once."
        if memory
        else f"This is an error in Exhume, not in what you uploaded. {again}. If it fails again, report it with the "
        "worker's log."
    )
    attempts = "1 attempt" if claim.attempt == 1 else f"{claim.attempt} attempts"
    detail = f"The stage {claim.stage} failed after {attempts}: {type(error).__name__}: {error}. {advice}"
    return problem_body("out_of_memory" if memory else "stage_failed", detail)


def missing(claim: Claim) -> ConflictError:
    """Return the problem of an uploaded file that is no longer stored as it was."""
    what = "a file that this audit needs" if claim.audit_id is not None else "the file to be checked"
    return ConflictError(
        "stored_file_missing",
        f"The stage {claim.stage} found {what} missing from the object store, or damaged. Restore the object store "
        "from a backup, or upload the file again.",
    )


def engine_code(kind: type[EngineError] | type[DeclarationError]) -> str:
    """Return the code of an engine's error: its class name in snake case."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def engine_problem(error: EngineError | DeclarationError) -> UnprocessableError:
    """Return the problem for an error of the engine, with its findings listed."""
    findings: list[dict[str, Any]] = []
    if isinstance(error, CheckpointMismatch):
        findings += [{"key": key, "expected": "present", "found": "missing"} for key in error.missing]
        findings += [{"key": key, "expected": "absent", "found": "present"} for key in error.unexpected]
        findings += [
            {"key": key, "expected": list(expected), "found": list(found)}
            for key, (expected, found) in error.shapes.items()
        ]
    if isinstance(error, UnknownArchitecture):
        findings += [{"name": error.name, "nearest": error.nearest}]
    return UnprocessableError(engine_code(type(error)), str(error), errors=findings)
